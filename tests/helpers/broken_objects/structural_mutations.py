"""Changes to data sets that leave their structure whole, so that every reader has something to say about them."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random

from tests.helpers.broken_objects.element_tree import Element, Item

_CONTENT_SEQUENCE = 0x0040A730
_SPECIFIC_CHARACTER_SET = 0x00080005
_ATTRIBUTES = (
    *(0x00080100, 0x00080102, 0x00080104, 0x00080119, 0x00081155, 0x0040A010, 0x0040A040, 0x0040A120, 0x0040A121),
    *(0x0040A122, 0x0040A123, 0x0040A124, 0x0040A160, 0x0040A30A),
)
_VALUES = (
    *(b"", b" ", b"\0\0", b"1", b"1.5 ", b"1\\2\\3 ", b"\\", b"\\\\1", b"NaN ", b"9e99", b"-1e9", b"1,5 ", b"odd"),
    *(b" both ends ", b"\tA\r\n", b"in\0side ", b"CONTAINER ", b"NUM ", b"contains", b"A^B=C ", b"1.2.840 ", b"1.2\0"),
    *("Größe".encode("latin-1"), "Größe ".encode(), "Москва".encode("iso8859_5"), b"\x1b$B;3ED\x1b(B^x", b"\x1b$Babc"),
    *(b"\x1b$)C\xb1\xe8\xc8\xf1\xc1\xdf", b"\xff\xfe", b"x" * 1000, b"20260314091530.5+0100 ", b"1" * 64),
)
_CHARACTER_SETS = (
    *(b"", b"ISO_IR 100", b"ISO_IR 192", b"ISO_IR 144", b"ISO_IR 6", b"\\ISO 2022 IR 87", b"\\ISO 2022 IR 149"),
    *(b"ISO 2022 IR 6\\ISO 2022 IR 100", b"NO SUCH", b"ISO_IR 192\\ISO_IR 100", b"iso_ir 100", b" ISO_IR 100 "),
)
_SHORT_VRS = b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US XX".split()
_LONG_VRS = b"OB OW UC UN UR UT".split()

_HUGE = (b"9", b"1\\", b"\\", b"\xf0\x9f\x98\x80", b"A^", b"\x1b$B", b"\x1b", b"\0", b" ")
_LIGHT = 5000
"""Bytes of an item that is repeated: what is made has to fit into the memory as well."""

Mutation = Callable[[list[Item], Random], None]


def mutate(elements: list[Element], random: Random) -> None:
    """Change a data set in up to eight places. Its root counts as an item."""
    root = Item(elements)
    for _ in range(random.choice((1, 1, 2, 4, 8))):
        random.choice(_MUTATIONS)(list(_below(root)), random)


def thin(elements: list[Element], random: Random, *, most: int = 4) -> None:
    """Leave at most so many items in each sequence, in their order."""
    for element in elements:
        if element.items is not None:
            kept = sorted(random.sample(range(len(element.items)), min(most, len(element.items))))
            element.items = [element.items[at] for at in kept]
            for item in element.items:
                thin(item.elements, random, most=most)


def inflate(elements: list[Element], random: Random) -> None:
    """Make a value, the number of an item's neighbours, or the nesting larger than any real one."""
    root = Item(elements)
    random.choice((_huge_value, _many_items, _deepen_far))(list(_below(root)), random)


def _below(item: Item) -> Iterator[Item]:
    """Yield an item and all items inside it."""
    yield item
    for element in item.elements:
        for inner in element.items or ():
            yield from _below(inner)


def _any(items: list[Item], random: Random, *, sequences: bool | None = None) -> tuple[Item, Element] | None:
    """Return a random element, with the item it is in; None where a data set has none of the kind."""
    found = [
        (item, element)
        for item in items
        for element in item.elements
        if sequences is None or sequences == (element.items is not None)
    ]
    return random.choice(found) if found else None


def _drop_element(items: list[Item], random: Random) -> None:
    if place := _any(items[1:], random):
        item, element = place
        item.elements.remove(element)


def _repeat_element(items: list[Item], random: Random) -> None:
    if place := _any(items[1:], random):
        item, element = place
        again = deepcopy(element)
        if again.items is None:
            again.value = random.choice(_VALUES)
        item.elements.insert(item.elements.index(element) + 1, again)


def _add_element(items: list[Item], random: Random) -> None:
    item = random.choice(items[1:] or items)
    tag = random.choice(_ATTRIBUTES)
    if all(element.tag != tag for element in item.elements):
        _insert(item, Element(tag, b"LO", random.choice(_VALUES)))


def _write_value(items: list[Item], random: Random) -> None:
    if place := _any(items[1:], random, sequences=False):
        place[1].value = random.choice(_VALUES)


def _write_bytes(items: list[Item], random: Random) -> None:
    if (place := _any(items[1:], random, sequences=False)) and place[1].value:
        value = bytearray(place[1].value)
        value[random.randrange(len(value))] = random.choice((0, 0x20, 0x31, 0x5C, 0x7F, 0xE9, 0xFF))
        place[1].value = bytes(value)


def _drop_item(items: list[Item], random: Random) -> None:
    if (place := _any(items, random, sequences=True)) and place[1].items:
        place[1].items.pop(random.randrange(len(place[1].items)))


def _repeat_item(items: list[Item], random: Random) -> None:
    if (place := _any(items, random, sequences=True)) and place[1].items:
        place[1].items.append(deepcopy(random.choice(place[1].items)))


def _add_item(items: list[Item], random: Random) -> None:
    """Put an item from elsewhere, or an empty one, at any place of a sequence."""
    if (place := _any(items, random, sequences=True)) and place[1].items is not None:
        foreign = deepcopy(random.choice(items[1:])) if items[1:] and random.random() < 0.5 else Item([])
        place[1].items.insert(random.randint(0, len(place[1].items)), foreign)


def _empty_sequence(items: list[Item], random: Random) -> None:
    if place := _any(items[1:], random, sequences=True):
        place[1].items = []


def _change_vr(items: list[Item], random: Random) -> None:
    if place := _any(items[1:], random, sequences=False):
        place[1].vr = random.choice(_SHORT_VRS + _LONG_VRS)


def _make_sequence_unknown(items: list[Item], random: Random) -> None:
    if place := _any(items, random, sequences=True):
        place[1].vr = b"UN"
        place[1].unknown_as_it_was = random.random() < 0.5


def _change_length(items: list[Item], random: Random) -> None:
    """Swap defined and undefined length."""
    if place := _any(items, random, sequences=True):
        place[1].undefined_length = not place[1].undefined_length
        for item in place[1].items or ():
            item.undefined_length = random.random() < 0.5


def _deepen(items: list[Item], random: Random) -> None:
    """Put content items further down, now and then further than a report may nest."""
    for element in random.choice(items).elements:
        if element.tag == _CONTENT_SEQUENCE and element.items is not None:
            for _ in range(random.choice((1, 2, 5, 40))):
                element.items = [Item([Element(_CONTENT_SEQUENCE, b"SQ", items=element.items)])]


def _huge_value(items: list[Item], random: Random) -> None:
    if place := _any(items, random, sequences=False):
        place[1].vr = b"UT"
        place[1].value = random.choice(_HUGE) * random.choice((1000, 70_000, 1_000_000))


def _many_items(items: list[Item], random: Random) -> None:
    if (place := _any(items, random, sequences=True)) and place[1].items is not None:
        small = [item for item in items[1:] if _weight(item) <= _LIGHT] or [Item([])]
        place[1].items += [deepcopy(random.choice(small))] * random.choice((100, 1000))


def _weight(item: Item) -> int:
    """Return about how many bytes an item takes."""
    return sum(8 + len(element.value) for inner in _below(item) for element in inner.elements)


def _deepen_far(items: list[Item], random: Random) -> None:
    if (place := _any(items, random, sequences=True)) and place[1].items is not None:
        for _ in range(random.choice((20, 60, 70, 200))):
            place[1].items = [Item([Element(place[1].tag, b"SQ", items=place[1].items)])]


def _name_character_set(items: list[Item], random: Random) -> None:
    item = random.choice(items)
    item.elements[:] = [element for element in item.elements if element.tag != _SPECIFIC_CHARACTER_SET]
    value = random.choice(_CHARACTER_SETS)
    _insert(item, Element(_SPECIFIC_CHARACTER_SET, b"CS", value + b" " * (len(value) % 2)))


def _add_private(items: list[Item], random: Random) -> None:
    """Add a private block with a value, and with a sequence that holds what looks like content."""
    item = random.choice(items)
    content = Item(deepcopy(random.choice(items[1:] or items).elements), undefined_length=random.random() < 0.5)
    _insert(item, Element(0x00210010, b"LO", b"SOMEBODY"))
    _insert(item, Element(0x00211001, random.choice(_SHORT_VRS + _LONG_VRS), random.choice(_VALUES)))
    vr = random.choice((b"SQ", b"UN"))
    _insert(item, Element(0x00211002, vr, items=[content], undefined_length=random.random() < 0.5))


def _swap_elements(items: list[Item], random: Random) -> None:
    """Put two neighbours out of order; the character set stays in front of what it concerns."""
    item = random.choice(items[1:] or items)
    movable = [at for at, element in enumerate(item.elements) if element.tag != _SPECIFIC_CHARACTER_SET]
    if len(movable) > 1:
        at = random.randrange(1, len(movable))
        first, second = movable[at - 1], movable[at]
        item.elements[first], item.elements[second] = item.elements[second], item.elements[first]


def _insert(item: Item, element: Element) -> None:
    """Insert an element where its tag belongs."""
    at = next((n for n, other in enumerate(item.elements) if other.tag > element.tag), len(item.elements))
    item.elements.insert(at, element)


_MUTATIONS: tuple[Mutation, ...] = (
    *(_drop_element, _repeat_element, _add_element, _write_value, _write_bytes, _drop_item, _repeat_item, _add_item),
    *(_empty_sequence, _change_vr, _make_sequence_unknown, _change_length, _deepen, _name_character_set),
    *(_add_private, _swap_elements),
)
