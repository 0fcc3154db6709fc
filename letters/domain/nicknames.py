"""Everyday short forms of first names, where a roster has the long one: Jim Risch is James E. Risch."""

_SHORT = """
alexander: alex, sandy; andrew: andy, drew; anthony: tony; benjamin: ben; bernard: bernie; bradley: brad; charles: charlie,
chuck; christopher: chris; christine: chris; clifford: cliff; cynthia: cindy; daniel: dan, danny; david: dave; deborah: deb,
debbie; donald: don; edward: ed, eddie, ted; elizabeth: liz, beth, betsy; eugene: gene; frederick: fred; gerald: jerry, gerry;
gregory: greg; henry: hank, harry; jacklyn: jacky; jacob: jake; james: jim, jimmy; jeffrey: jeff; jennifer: jen; jerome: jerry;
john: jack, johnny; jonathan: jon; joseph: joe; joshua: josh; katherine: katie, kathy, kate; kathleen: kathy; kenneth: ken;
lawrence: larry; leonard: len; lewis: lou; margaret: maggie, peggy; matthew: matt; maxwell: max; melvin: mel; michael: mike;
michelle: shelly; mitchell: mitch; nathaniel: nate; nicholas: nick; patrick: pat; patricia: patty, pat; peter: pete;
philip: phil; phillip: phil; randall: randy; raymond: ray; rebecca: becca, becky; richard: rick, dick, rich; robert: bob, bobby,
rob; ronald: ron; samuel: sam; stephen: steve; steven: steve; susan: sue, susie; suzanne: sue; theodore: ted; thomas: tom;
timothy: tim; valdez: val; victoria: vicky; vincent: vince; walter: walt; william: bill, will, billy; zachary: zach
"""

LONG_FORMS: dict[str, set[str]] = {}
for _entry in _SHORT.replace("\n", " ").split(";"):
    _long, _forms = _entry.strip().split(":")
    for _form in _forms.split(","):
        LONG_FORMS.setdefault(_form.strip(), set()).add(_long)
