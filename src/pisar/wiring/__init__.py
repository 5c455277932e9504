"""The composition root, where settings, adapters and flows meet, and a module for each deployable, which takes its parts off it.

Each part is made once, when it is first asked for, by the class that tells what it belongs to:

    Outside                   settings, and adapters of all that is outside
    └─ State                  what lies in the bucket
       ├─ Answers             what delivers answers
       │  └─ Chats            what receives updates
       ├─ Speech              what makes transcripts
       ├─ Work                what works on jobs; it is made of Answers and Speech
       └─ Clients             what receives audio from programs; so is it

A deployable uses the class that has what it needs, and so imports no more than that. Tests use all of them over twins.
"""
