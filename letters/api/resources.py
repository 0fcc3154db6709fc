"""Which resource is read from where, for keys of each scope."""

from letters.api.office import letters as office_letters
from letters.api.office import reference as office_reference
from letters.api.office import responses as office_responses
from letters.api.office import targets as office_targets
from letters.api.office import taskings as office_taskings
from letters.api.released import letters as public_letters
from letters.api.released import reference as public_reference
from letters.api.released import targets as public_targets
from letters.api.released import taskings as public_taskings
from letters.api.sources import Source
from letters.enums import Scope

SOURCES: dict[str, dict[Scope, Source]] = {
    "letters": {Scope.OFFICE: office_letters.SOURCE, Scope.RELEASED: public_letters.SOURCE},
    "taskings": {Scope.OFFICE: office_taskings.SOURCE, Scope.RELEASED: public_taskings.SOURCE},
    "agencies": {Scope.OFFICE: office_reference.AGENCIES, Scope.RELEASED: public_reference.AGENCIES},
    "legislators": {Scope.OFFICE: office_reference.MEMBERS, Scope.RELEASED: public_reference.MEMBERS},
    "targets": {Scope.OFFICE: office_targets.SOURCE, Scope.RELEASED: public_targets.SOURCE},
    "responses": {Scope.OFFICE: office_responses.SOURCE},
}
