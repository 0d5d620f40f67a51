"""The web face: every verb a page with an address that can be shared, and a route of the API with the same answer.

    app.py      the application: verbs, assets, how errors are told
    serving.py  where it listens: this computer only
    guarding.py which requests are let in, and what a browser may do with a page
    asking.py   what was asked, from an address, a form or JSON
    desk.py     answers that are made, kept for a while, and stopped
    form.py     a form from a declaration
    replies.py  pages, JSON, CSV, files, and problems with every finding
    verbs/      a verb a file: its pages and its routes

A page is plain HTML: with scripts off each chart is a table, and nothing else is missing. Nothing is fetched from
another host. It needs the extra `web`; nothing outside this folder imports what that brings.
"""
