"""What is new in a page, and what is wrong in it whatever it is made of."""

import pytest

from tests.shape import Shape

HEAD = "<title>TEST</title>"
PAGE = HEAD + '<main><h1>TEST</h1><p class="soft" id="a">one<br>two</p><a href="/1/" data-x="1">to one</a></main>'


def test_other_words_ids_and_addresses_make_no_other_page():
    other = PAGE.replace("one", "another").replace('id="a"', 'id="b"').replace("/1/", "/2/").replace('"1"', '"2"')
    assert Shape(other).seen == Shape(PAGE).seen
    assert (Shape(PAGE).odd, Shape(other).odd) == ([], [])


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("to one", ""),  # a link without a word
        ("to one", '<img src="x">'),
        ("<main>", '<main aria-hidden="true">'),
        ('<p class="soft"', '<p class="faint"'),  # of another color
        ("<p", "<div><p"),
        ("</main>", "<h3>TEST</h3></main>"),  # a level is left out
        ("</main>", "words in no paragraph</main>"),
        ("<br>", '<input type="text">'),
        ("<a ", '<a role="button" '),
        ("<a href", "<a name"),
    ],
)
def test_what_axe_could_fail_is_new(was, becomes):
    assert Shape(PAGE.replace(was, becomes)).seen - Shape(PAGE).seen


def test_landmarks_of_other_names_or_kinds_and_links_to_what_is_there_are_well():
    more = '<nav aria-label="TEST"></nav><nav aria-label="other"></nav><form aria-label="TEST"></form><form></form><form></form>'
    assert (
        Shape(f'{PAGE}{more}<section></section><section></section><a href="#a">TEST</a><a href="#">TEST</a>').odd == []
    )


def test_what_else_a_field_says_it_is_for_is_new():
    field = PAGE + '<input aria-label="TEST" autocomplete="{}">'
    assert Shape(field.format("nonsense")).seen - Shape(field.format("email")).seen


def test_a_field_is_named_by_a_label_around_it_or_for_it_or_by_itself():
    named = '<label>TEST <input></label><label for="c">TEST</label><select id="c"></select><input aria-label="TEST">'
    assert Shape(f'{PAGE}{named}<input type="hidden">').odd == []


@pytest.mark.parametrize(
    ("more", "odd"),
    [
        ('<b id="a"></b>', "the id a 2 times"),
        ('<label for="c">TEST</label>', "no id c, though something points there"),
        ('<b aria-labelledby="a c"></b>', "no id c, though something points there"),
        ('<input id="c">', "no label for the field c"),
        ("<textarea></textarea>", "no label for the field "),
        ('<input id="c"><b aria-controls="c"></b>', "no label for the field c"),
        ('<a href="#c">TEST</a>', "no id c, though something points there"),
        ('<nav aria-label="TEST"></nav><nav aria-label="TEST"></nav>', "the navigation “TEST” 2 times"),
        ('<nav></nav><div role="navigation"></div>', "the navigation “” 2 times"),
        (
            '<i id="c">TEST</i><section aria-labelledby="c"></section><b role="region" aria-label="TEST"></b>',
            "the region “TEST” 2 times",
        ),
        ("<h1>TEST</h1>", "h1 2 times"),
        ("<main></main>", "main 2 times"),
    ],
)
def test_what_is_odd_is_told(more, odd):
    assert Shape(PAGE + more).odd == [odd]
