"""The composition root: settings meet adapters here, and a module for each deployable builds what that deployable needs.

Each part is made once, when it is first asked for, by the class that it belongs to:

    Outside                   settings, and adapters of all that is outside
    └─ State                  the state in the bucket
       ├─ Answers             delivery of answers
       │  └─ Chats            updates from chats
       ├─ Speech              transcription
       ├─ Work                work on queued jobs; made of Answers and Speech
       └─ Clients             audio from programs; made of Answers and Speech

A deployable uses the class that has what it needs, and so imports no more than that. Tests use all of these classes over in-memory fakes.
"""
