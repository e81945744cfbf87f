from tests.replies.corpus import phrases, table

print(table())
print(len(phrases()), "phrases")
