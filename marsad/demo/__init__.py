"""The demo world: small real servers on loopback that play the press, a mailbox and a webhook receiver."""
