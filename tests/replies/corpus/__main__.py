from tests.replies.corpus import phrases, signs, table

print(table())
print(len(phrases()), "phrases")
print()
print("Signs that must not wait:")
print(signs.table())
print(len(signs.signs()), "phrases")
