"""A child that only indexes, so that it starts at once; on one word it dies, as the real one may on a hostile text."""

import os
import signal

from scheduler.indexing import INDEX_JOB, INDEXED, index

ENTRY = "indexing_child:open_indexer"
DEADLY = "poisonous"


class Indexer:
    """Answers as the reading child does."""

    def setup(self, text: str) -> None:
        """It needs to be told nothing."""

    def run(self, task: str, job: str) -> str:
        assert task == "index"
        if DEADLY in job:
            os.kill(os.getpid(), signal.SIGKILL)
        return INDEXED.dump_json(index(INDEX_JOB.validate_json(job))).decode()


def open_indexer() -> Indexer:
    return Indexer()
