"""A load as a country gives it: phones that send a meeting a minute, staff who open a page every
ten seconds and, where asked, everything that may break meanwhile.

    python -m bench.load [--on sqlite|postgresql] [--minutes 10] [--phones 500] [--staff 100]
                         [--troubles] [--json FILE]

`ground` makes tables, groups, phones and sign-ins in fresh surroundings; `servers` starts the
program as it is served; `traffic` is the load; `cost` tells what it costs the processor; `troubles`
kill, fill, cut and change; `proof` looks each acknowledged fact up in the database and proves the
books. Everything stays on this computer.
"""
