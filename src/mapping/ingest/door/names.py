"""Names: columns called after what identifies a person, and cells that hold a given and a family name."""

from __future__ import annotations

import re
from itertools import pairwise

from mapping.ingest.raw import normal

__all__ = ["has_full_name", "is_given_name", "named_like_a_person"]

# a column with one of these names holds identifiers whatever stands in it
IDENTIFYING = frozenset(
    """namn förnamn fornamn efternamn elevnamn elevensnamn fullständigtnamn name firstname lastname surname fullname
    forename givenname familyname tilltalsnamn username användarnamn anvandarnamn
    epost epostadress mejl mejladress mail email emailaddress mailadress mobil mobilnr mobilnummer mobiltelefon telefon
    telefonnr telefonnummer tel phone phonenumber mobile mobilephone adress gatuadress bostadsadress hemadress address
    homeaddress streetaddress street postnummer postnr postadress postcode postalcode zip zipcode homepost plpost
    personnummer personnr persnr pnr pnummer samordningsnummer samordningsnr tfnummer lma lmanummer ssn
    nationalid upn passnummer dob mcdob födelsedatum fodelsedatum födelsedag fodelsedag födelsetid fodelsetid
    dateofbirth birthdate birthday ip ipadress ipaddress ipnummer macadress macaddress deviceid imei useragent
    gps latitude longitude latitud longitud lat lon lng koordinat koordinater coordinates geopunkt
    vårdnadshavare vardnadshavare kontaktperson fastighetsbeteckning instagram snapchat facebook tiktok""".split()  # noqa: SIM905
)
# these identify within longer names too: elev_epost, RecipientLastName, elevpersonnummer
_WITHIN = frozenset(
    word
    for word in IDENTIFYING
    if len(word) >= 7 and word not in {"elevnamn", "telefon", "facebook", "instagram", "snapchat", "surname"}
) | {"förnamn", "fornamn", "surname"}
_SHORT = frozenset("epost mejl email ssn pnr persnr dob upn postnr imei mobilnr telefonnr forename".split())  # noqa: SIM905
_WHOSE = frozenset(
    """elev elevens elevers student students pupil pupils child childs barn barnets respondent respondents recipient
    person personens parent parents mother father mor far mamma pappa förälder foralder förälders vårdnadshavare
    vårdnadshavares vardnadshavare vh guardian lärare teacher handläggare handlaggare klient klientens brukare
    kontakt contact användare user""".split()  # noqa: SIM905
)
_WHAT = frozenset("namn name adress address mobil mobile telefon phone tel mail".split())  # noqa: SIM905

# the most given names in Sweden, all ages and origins, enough to tell a column of names from one of places
_GIVEN = frozenset(
    """adam agnes ahmed alan albin alexander alexandra alfred alice ali alicia alma alva amanda amina amir anders
    andreas anette anita anna anneli annika anton arvid astrid august axel barbro benjamin birgitta björn bo britt
    camilla carina carl carolina caroline cecilia charlotte christer christian christina clara daniel david ebba edvin
    elias elin elisabet elisabeth ella ellen elsa emelie emil emilia emma erik eric ester eva evelina fatima felicia
    felix filip frida fredrik gabriel gunilla gunnar gustaf gustav göran hanna hannah hans hassan hedda helena henrik
    hugo håkan ida inger ingrid irene isabella isak jakob jan jasmine jenny jens jesper jessica joakim joel johan
    johanna john jonas jonathan josefin josefine julia karin karl kevin kerstin kjell klara kristina kristoffer lars
    lena lennart leo lily linda linnea linnéa linus lisa liam louise lovisa lucas ludvig lukas maja malin margareta
    maria marianne marcus markus martin matilda mats mattias melvin mia michael mikael minna moa mohamed mohammed
    mohammad molly monica mustafa märta nadia nathalie nellie nils noah nora olivia olle olof omar oscar oskar otto
    patrik per peter pia pontus rasmus rebecka robert robin roger saga samir samuel sandra sara sarah sebastian selma
    signe sigrid simon sixten sofia sofie stefan stella sten stig stina sven svante susanne theo therese thomas tilda
    tilde tim tobias tomas tove tuva tyra ulf ulla ulrika valter vera victor viktor viktoria vilgot vilma vincent
    wilma william yasmin yusuf zahra zainab zeinab åke åsa""".split()  # noqa: SIM905
)
_FAMILY = frozenset(
    """ali ahmed mohamed hassan hussein ibrahim abdi osman khan nguyen yilmaz lindberg lindström lindqvist lindgren
    berg bergström bergman bergqvist lundberg lundgren lundqvist lundin lund nyström nyberg sandberg sandström forsberg
    sjöberg wallin engström eklund hedlund björk holm holmberg holmgren norberg nordin nordström söderberg öberg
    strömberg ström åberg ekström blom blomqvist hellström åkesson dahl dahlberg lundström wikström sundberg isaksson
    falk hermansson viklund wallén fransson ek vestin hedman martin""".split()  # noqa: SIM905
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PAIR = re.compile(r"[A-ZÅÄÖ][^\W\d_]+,? [A-ZÅÄÖ]")
_INSTITUTION = re.compile(
    r"skol|gymnas|kyrk|gatan|vägen|kommun|stad|park|torg|school|förskol|område|församling|plats"
)


def _words(name: str) -> list[str]:
    apart = re.sub(r"([a-zåäö])([A-ZÅÄÖ])", r"\1 \2", name)
    return [word for word in re.split(r"[\W\d_]+", normal(apart)) if word]


def named_like_a_person(name: str) -> bool:
    """Whether a column is called after something that identifies: förnamn, elev_epost, RecipientLastName."""
    words, whole = _words(name), re.sub(r"[\W\d_]", "", normal(name))
    if whole in IDENTIFYING or any(whole.endswith(word) for word in _WITHIN):
        return True
    pairs = {first + second for first, second in pairwise(words)}
    if pairs & (_WITHIN | _SHORT) or set(words) & (_SHORT | _WITHIN):
        return True
    return bool(set(words[:-1]) & _WHOSE) and words[-1] in _WHAT


def _is_family(word: str) -> bool:
    if "-" in word:
        return any(map(_is_family, word.split("-")))
    return word in _FAMILY or (len(word) > 5 and word.endswith(("sson", "son")) and word not in _GIVEN)


def has_full_name(text: str) -> bool:
    """Whether a common given name stands beside a common family name, in either order.

    >>> has_full_name("frågade Anna Svensson om det"), has_full_name("Anna Whitlocks gymnasium")
    (True, False)
    """
    if not _PAIR.search(text):
        return False
    words = _WORD.findall(text)
    for first, second in pairwise(words):
        if first[:1].isupper() and second[:1].isupper():
            one, two = first.casefold(), second.casefold()
            if (is_given_name(one) and _is_family(two)) or (_is_family(one) and is_given_name(two)):
                return True
    return False


def is_given_name(text: str) -> bool:
    """Whether `text` begins with a common given name, and is no institution called after somebody."""
    folded = text.casefold()
    first = re.split(r"[ ,-]", folded, maxsplit=1)[0]
    return first in _GIVEN and not _INSTITUTION.search(folded)
