"""What is wrong with a channel's settings, in one line that names the remedy."""


class ChannelError(Exception):
    """A channel cannot be used as it is set up; the message says which, what is wrong and what to do."""

    def __init__(self, channel: str, what: str, remedy: str) -> None:
        super().__init__(f"channel {channel}: {what}; {remedy}")
        self.channel = channel
        self.what = what
        self.remedy = remedy
