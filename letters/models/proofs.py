"""What a closed item rests on may not be taken away behind its back, nor made into less: triggers of replies and evidence.

At once: the row itself goes, or counts no more, and no other is there. At commit, where a reading that is done anew has
found its end: what is left proves the end that the item has by the rule of its entering (`taskings.STATUS_GUARD`).
"""

import pgtrigger

from letters.enums import CLOSED_STATUSES, PROOF_KINDS, Status

KEEP_PROOF = """
    IF EXISTS (SELECT 1 FROM letters_tasking WHERE id = OLD.tasking_id AND status IN ({statuses})) AND NOT EXISTS
       (SELECT 1 FROM {proofs} WHERE tasking_id = OLD.tasking_id AND proof.id <> OLD.id AND in_error_at IS NULL) THEN
        RAISE EXCEPTION 'tasking % is closed on this row', OLD.tasking_id USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""

# The same, from the reply's side: it may have answered items of many letters.
KEEP_REPLY = """
    IF NEW.in_error_at IS NOT NULL AND OLD.in_error_at IS NULL AND EXISTS (
        SELECT 1 FROM letters_answer answer JOIN letters_tasking tasking ON tasking.id = answer.tasking_id
        WHERE answer.response_id = NEW.id AND tasking.status IN ('answered', 'declined') AND NOT EXISTS (
            SELECT 1 FROM letters_answer other JOIN letters_response response ON response.id = other.response_id
            WHERE other.tasking_id = tasking.id AND other.response_id <> NEW.id AND response.in_error_at IS NULL
        )
    ) THEN
        RAISE EXCEPTION 'an item is closed on reply %', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""

STILL_PROVED = """
    FOR ended IN
        SELECT id, status FROM letters_tasking
        WHERE id IN ({items}) AND status IN ('{implemented}', '{answered}', '{declined}')
    LOOP
        SELECT COALESCE(max(recorded_at), '-infinity') INTO reopened FROM letters_event again
        WHERE tasking_id = ended.id AND kind = 'status_changed' AND from_status IN ({closed})
          AND payload ->> 'undoes' IS NULL
          AND NOT EXISTS (SELECT 1 FROM letters_event WHERE tasking_id = ended.id AND payload ->> 'undoes' = again.id::text);
        IF ended.status = '{implemented}' AND NOT EXISTS (
            SELECT 1 FROM letters_evidence proof LEFT JOIN letters_response reply ON reply.id = proof.response_id
            WHERE proof.tasking_id = ended.id AND proof.in_error_at IS NULL AND proof.checked_at > reopened
              AND reply.in_error_at IS NULL
        ) THEN
            RAISE EXCEPTION 'tasking %: what it was done on proves it no longer', ended.id
                USING ERRCODE = 'check_violation', HINT = 'reopen the item first';
        END IF;
        IF ended.status <> '{implemented}' AND NOT EXISTS (
            SELECT 1 FROM letters_answer JOIN letters_response reply ON reply.id = response_id
            WHERE tasking_id = ended.id AND reply.in_error_at IS NULL AND assessed_at > reopened AND reply.kind IN ({kinds})
        ) THEN
            RAISE EXCEPTION 'tasking %: the reply that it is % on proves it no longer', ended.id, ended.status
                USING ERRCODE = 'check_violation', HINT = 'reopen the item first';
        END IF;
    END LOOP;
    RETURN NULL;
"""


def quoted(words: tuple[str, ...] | frozenset[str]) -> str:
    """For an SQL list, in one order."""
    return ", ".join(f"'{word}'" for word in sorted(words))


def keeps_its_proof(*columns: str, items: str) -> pgtrigger.Trigger:
    """At commit: no item that ended on a row like this, as it was, is left without its proof. `items` selects them by OLD."""
    return pgtrigger.Trigger(
        name="end_stays_proved",
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        operation=pgtrigger.Delete | pgtrigger.UpdateOf(*columns),
        declare=[("ended", "record"), ("reopened", "timestamptz")],
        func=STILL_PROVED.format(
            items=items, closed=quoted(CLOSED_STATUSES), kinds=quoted(PROOF_KINDS), implemented=Status.IMPLEMENTED.value,
            answered=Status.ANSWERED.value, declined=Status.DECLINED.value,
        ),
    )  # fmt: skip
