import re

import pytest

from reminders.delivery import mail_html
from reminders.plan import placeholders

VALUES = {"first_name": "Ada", "clinic": "North Clinic", "link": "https://c.example.org/p/x"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("GSM-7", 0, 0)),
        ("a" * 160, ("GSM-7", 160, 1)),
        ("a" * 161, ("GSM-7", 161, 2)),
        ("a" * 306, ("GSM-7", 306, 2)),
        ("a" * 307, ("GSM-7", 307, 3)),
        ("€" * 80, ("GSM-7", 160, 1)),
        ("€" * 81, ("GSM-7", 162, 2)),
        ("a" * 152 + "€" + "a" * 152, ("GSM-7", 306, 3)),  # the escape pair does not straddle the border
        ("Ñandú é à ü £".replace("ú", "u"), ("GSM-7", 13, 1)),
        ("ç" * 70, ("UCS-2", 70, 1)),  # small ç is not in GSM-7, large Ç is
        ("ç" * 71, ("UCS-2", 71, 2)),
        ("Ç" * 71, ("GSM-7", 71, 1)),
        ("’" + "a" * 159, ("UCS-2", 160, 3)),  # one curly quote: three parts in place of one
        ("😀" * 35, ("UCS-2", 70, 1)),
        ("😀" * 36, ("UCS-2", 72, 2)),
        ("😀" * 67, ("UCS-2", 134, 3)),  # 33 whole ones fit into 67
        ("line\nline\r\n", ("GSM-7", 11, 1)),
    ],
)
def test_parts_are_counted_as_the_network_counts_them(text, expected):
    assert mail_html.parts(text) == expected


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("Don’t “lift”", 'Don\'t "lift"'),
        ("9:00–17:00 — daily…", "9:00-17:00 - daily..."),
        ("10\u00a0kg\u202f!", "10 kg !"),
        ("soft\u00adware\ufeff", "software"),
        ("Müller é ñ 東京", "Müller é ñ 東京"),
    ],
)
def test_typographic_marks_become_plain_and_letters_stay(typed, plain):
    assert mail_html.downgrade(typed) == plain


def test_a_downgraded_text_of_160_characters_is_one_part_again():
    assert mail_html.parts(mail_html.downgrade("’" + "a" * 159)).parts == 1


@pytest.mark.parametrize(
    ("template", "unknown"),
    [
        ("Hello {first_name}, {clinic} here: {link}", []),
        ("{{not a placeholder}}", []),
        ("{surname} and {dob}", ["dob", "surname"]),
        ("{clinic.__class__}", ["clinic.__class__"]),
        ("{clinic[0]}", ["clinic[0]"]),
        ("{0}", ["0"]),
        ("{}", [""]),
        ("{clinic:>99999999}", ["clinic:>99999999"]),
        ("{clinic:{link}}", ["clinic:{link}"]),
        ("{clinic!r}", ["clinic!r"]),
        ("{ clinic }", [" clinic "]),
        ("{clinic", [placeholders.BROKEN_BRACES]),
        ("clinic}", [placeholders.BROKEN_BRACES]),
    ],
)
def test_a_template_with_anything_but_the_allowed_placeholders_is_caught(template, unknown):
    assert placeholders.unknown(template) == unknown


def test_placeholders_are_listed_once():
    assert placeholders.used("{link} {clinic} {link}") == {"link", "clinic"}


def test_a_template_is_filled_in():
    assert placeholders.render("{first_name}: {{ok}} {link}", VALUES) == "Ada: {ok} https://c.example.org/p/x"


@pytest.mark.parametrize("name", ["{link}", "{{link}}", "{first_name}", "%s", "$link", "{clinic.__class__}"])
def test_a_patient_named_like_a_placeholder_keeps_the_name(name):
    assert placeholders.render("Hi {first_name}!", {**VALUES, "first_name": name}) == f"Hi {name}!"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{visit_day}", "no value for {visit_day}"),
        ("{clinic.__class__}", "{clinic.__class__} is not a placeholder"),
        ("{clinic:>9}", "{clinic:>9} is not a placeholder"),
        ("{clinic", "without its partner"),
    ],
)
def test_a_text_that_cannot_be_filled_in_says_why(template, words):
    with pytest.raises(placeholders.PlaceholderError, match=re.escape(words)):
        placeholders.render(template, VALUES)


def test_html_is_escaped_in_paragraphs_with_clickable_links():
    html = mail_html.html_of("Hi <b>Ada</b> & co\nline two\n\nSee https://c.example.org/p?a=1&b=2.\n\n")

    assert html == (
        "<p>Hi &lt;b&gt;Ada&lt;/b&gt; &amp; co<br>\nline two</p>\n"
        '<p>See <a href="https://c.example.org/p?a=1&amp;b=2">https://c.example.org/p?a=1&amp;b=2</a>.</p>'
    )


@pytest.mark.parametrize("text", ['https://x.example.org/"onclick="a', "javascript:alert(1)", "https://a<script>"])
def test_html_cannot_be_broken_out_of(text):
    html = mail_html.html_of(text)

    assert "<script" not in html
    assert '"onclick' not in html
    assert "href" not in html or 'href="https://' in html


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Reply C to confirm. Reply STOP to opt out.", []),
        ("Reply YES to confirm", ["YES"]),
        ("Reply yes to confirm", ["YES"]),
        ("Please reply with 'Yes' or 'no'.", ["YES"]),
        ("Text CANCEL to cancel, or START to begin", ["START", "CANCEL"]),
        ("YES = I will come", ["YES"]),
        ("Responda YES", ["YES"]),
        ("Reply C to confirm or QUIT, END, REVOKE", ["END", "QUIT", "REVOKE"]),
        ("To cancel your visit call us. You may start PT at the end of the week. Reply 1 for help.", []),
        ("YOU MAY START PT NOW. REPLY C TO CONFIRM.", []),
        ("Text us to cancel your visit.", []),
    ],
)
def test_words_the_provider_keeps_for_itself_are_never_offered_as_replies(text, words):
    assert list(mail_html.forbidden_reply_words(text)) == words
