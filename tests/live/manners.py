"""In which order a server of the test shows its manners."""


class Manners:
    """Each of them once, then at random; "good" where there are none. The server's lock is held."""

    def __init__(self, names, random):
        self.names = list(names)
        self.random = random
        self.played = []

    def draw(self):
        if not self.names:
            return "good"
        if len(self.played) < len(self.names):
            manner = self.names[len(self.played)]
        else:
            manner = self.random.choice(self.names)
        self.played.append(manner)
        return manner
