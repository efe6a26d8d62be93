//! Profiles that are wrong: each is the market's with one change.

/// A name, and what is changed in the market's profile.
pub(super) type Case = (&'static str, &'static [(&'static str, &'static str)]);

pub(super) const WRONG: &[Case] = &[
    ("unknown key", &[("races = true", "racing = true")]),
    ("unknown section", &[("[[invariant]]", "[[invariants]]")]),
    ("no task", &[("[task]", "[tasks]")]),
    (
        "reserved role",
        &[("[roles.asker]", "[roles.limits]\n\n[roles.asker]")],
    ),
    (
        "role of the deployer",
        &[("[roles.asker]", "[roles.deployer]\n\n[roles.asker]")],
    ),
    (
        "unknown role",
        &[(
            "entered = \"claim\"\nrole = \"asker\"",
            "entered = \"claim\"\nrole = \"askers\"",
        )],
    ),
    (
        "missing role",
        &[("entered = \"claim\"\nrole = \"asker\"", "entered = \"claim\"")],
    ),
    ("unknown phase", &[("enters = \"claim\"", "enters = \"clam\"")]),
    (
        "first phase entered",
        &[("enters = \"claim\"", "enters = \"ask\"")],
    ),
    ("unknown event", &[("name = \"Answered\"", "name = \"Anwsered\"")]),
    (
        "event of another contract",
        &[("name = \"Answered\"", "name = \"markt.Answered\"")],
    ),
    ("overloaded event", &[("name = \"Answered\"", "name = \"Noted\"")]),
    (
        "unknown outcome",
        &[("closes = \"expired\"", "closes = \"expiry\"")],
    ),
    ("unknown delay", &[("after = \"think\"", "after = \"thnik\"")]),
    ("duration without unit", &[("after = \"think\"", "after = \"2\"")]),
    ("negative duration", &[("after = \"think\"", "after = \"-2s\"")]),
    ("chance above 1", &[("races = true", "chance = 30")]),
    ("chance of 0", &[("races = true", "chance = 0.0")]),
    (
        "chance of the only arrival",
        &[("arrival = true", "arrival = true\nchance = 0.5")],
    ),
    (
        "two triggers",
        &[(
            "entered = \"claim\"",
            "entered = \"claim\"\ntime = \"task.finalize\"",
        )],
    ),
    ("no trigger", &[("entered = \"claim\"\n", "")]),
    (
        "no arrival",
        &[
            ("arrival = true\n", "every = \"1s\"\n"),
            ("bytes(text(payload))", "bytes(text(9))"),
        ],
    ),
    (
        "arrivals of two roles",
        &[
            (
                "[[on]]\nentered",
                "[[on]]\narrival = true\nchance = 0.5\nrole = \"answerer\"\nname = \"more\"\ncall = \"market.ask(bytes('x'), unique())\"\n\n[[on]]\nentered",
            ),
            (
                "arrival = true\nrole = \"asker\"",
                "arrival = true\nchance = 0.5\nrole = \"asker\"",
            ),
        ],
    ),
    (
        "phase that nothing enters",
        &[("\"answer\", \"claim\"]", "\"answer\", \"claim\", \"dispute\"]")],
    ),
    ("nothing opens", &[("opens = true\n", "")]),
    (
        "opens twice",
        &[(
            "[[event]]\nname = \"Answered\"",
            "[[event]]\nname = \"Asked\"\nopens = true\n\n[[event]]\nname = \"Answered\"",
        )],
    ),
    (
        "never ends",
        &[
            ("closes = \"claimed\"", "enters = \"claim\""),
            ("closes = \"expired\"", "enters = \"claim\""),
        ],
    ),
    (
        "one phase that does not close",
        &[
            ("phases = [\"ask\", \"answer\", \"claim\"]", "phases = [\"ask\"]"),
            (
                "[[transition]]\nphase = \"answer\"\ntime = \"task.finalize\"\nenters = \"claim\"\n",
                "",
            ),
            (
                "races = true\n\n[[on]]\nentered = \"claim\"\n",
                "races = true\n\n[[on]]\nevent = \"Answered\"\n",
            ),
            ("phase = \"answer\"\nraces", "phase = \"ask\"\nraces"),
            ("phase = \"claim\"", "phase = \"ask\""),
        ],
    ),
    (
        "event without the key",
        &[("key = { question = \"event.id\" }\n", "")],
    ),
    (
        "event of a rule without the key",
        &[("entered = \"claim\"", "event = \"Joined\"")],
    ),
    (
        "key of no word",
        &[(
            "key = { question = \"event.id\" }",
            "key = { questoin = \"event.id\" }",
        )],
    ),
    (
        "key of another type",
        &[(
            "key = { question = \"bytes32\" }",
            "key = { question = \"uint256\" }",
        )],
    ),
    (
        "field of no type",
        &[("bond = \"uint256\"", "bond = \"uint257\"")],
    ),
    (
        "field set to another type",
        &[(
            "name = \"Answered\"\nset = { bond = \"event.bond\"",
            "name = \"Answered\"\nset = { bond = \"event.answer\"",
        )],
    ),
    (
        "unknown field set",
        &[(
            "name = \"Answered\"\nset = { bond",
            "name = \"Answered\"\nset = { bnod",
        )],
    ),
    (
        "two names the same",
        &[("[parameters]\n", "[parameters]\nmarket = \"1\"\n")],
    ),
    (
        "name that cannot be written",
        &[
            ("most = { type", "100most = { type"),
            ("when = \"task.bond < most\"\n", ""),
        ],
    ),
    (
        "two rules the same",
        &[
            ("arrival = true", "arrival = true\nname = \"x\""),
            ("entered = \"claim\"", "entered = \"claim\"\nname = \"x\""),
        ],
    ),
    (
        "two phases the same",
        &[("\"answer\", \"claim\"]", "\"answer\", \"claim\", \"answer\"]")],
    ),
    (
        "reserved phase",
        &[("\"answer\", \"claim\"]", "\"answer\", \"claim\", \"total\"]")],
    ),
    (
        "duration as time",
        &[("time = \"task.finalize\"", "time = \"30 minutes\"")],
    ),
    (
        "value to a function that is not payable",
        &[(
            "call = \"market.claim(question)\"",
            "call = \"market.claim(question)\"\nvalue = \"1 ether\"",
        )],
    ),
    (
        "call of a view",
        &[(
            "call = \"market.claim(question)\"",
            "call = \"market.bondOf(question)\"",
        )],
    ),
    (
        "call of nothing",
        &[(
            "call = \"market.claim(question)\"",
            "call = \"market.clam(question)\"",
        )],
    ),
    (
        "wrong argument",
        &[(
            "call = \"market.claim(question)\"",
            "call = \"market.claim(task.bond)\"",
        )],
    ),
    ("misspelt field", &[("max(2 * task.bond,", "max(2 * task.bnod,")]),
    (
        "error behind escapes",
        &[(
            "max(2 * task.bond, 0.001 ether)",
            "max(2 * task.bnod,\\t0.001 ether)",
        )],
    ),
    (
        "error in lines",
        &[(
            "\"max(2 * task.bond, 0.001 ether)\"",
            "\"\"\"\n  max(2 * task.bond,\n      0.001 eth)\"\"\"",
        )],
    ),
    (
        "task in an arrival",
        &[("value = \"bond\"", "value = \"task.bond\"")],
    ),
    (
        "payload elsewhere",
        &[(
            "when = \"task.bond < most\"",
            "when = \"task.bond < most && payload > 3\"",
        )],
    ),
    (
        "let of nothing",
        &[("{ salt = \"random(bytes32)\"", "{ salt = \"random(bytes33)\"")],
    ),
    (
        "let of two types",
        &[(
            "entered = \"claim\"",
            "entered = \"claim\"\nlet = { salt = \"1\" }",
        )],
    ),
    (
        "let of no task",
        &[(
            "[[invariant]]",
            "[[on]]\nevery = \"1s\"\nrole = \"asker\"\nlet = { x = \"1\" }\ncall = \"market.join(sender)\"\n\n[[invariant]]",
        )],
    ),
    (
        "missing bytecode",
        &[("artifact = \"artifacts\"", "artifact = \"artifacts/Market.abi\"")],
    ),
    (
        "no such artifact",
        &[("artifact = \"artifacts\"", "artifact = \"out\"")],
    ),
    (
        "no such contract",
        &[("contract = \"Market\"", "contract = \"Markt\"")],
    ),
    (
        "which contract",
        &[(
            "[roles.asker]",
            "[contracts.shop]\nartifact = \"artifacts\"\n\n[roles.asker]",
        )],
    ),
    (
        "library elsewhere",
        &[("artifact = \"artifacts\"", "artifact = \"alone/Market.json\"")],
    ),
    (
        "too few constructor arguments",
        &[("arguments = [\"deployer\", \"30\"]", "arguments = [\"deployer\"]")],
    ),
    (
        "no constructor arguments",
        &[("arguments = [\"deployer\", \"30\"]\n", "")],
    ),
    (
        "constructor argument of another type",
        &[("\"deployer\", \"30\"", "\"deployer\", \"true\"")],
    ),
    (
        "value to the constructor",
        &[(
            "arguments = [\"deployer\", \"30\"]",
            "arguments = [\"deployer\", \"30\"]\nvalue = \"1 ether\"",
        )],
    ),
    (
        "address and arguments",
        &[(
            "arguments = [\"deployer\", \"30\"]",
            "arguments = [\"deployer\", \"30\"]\naddress = \"0x00000000000000000000000000000000000000aa\"",
        )],
    ),
    (
        "who of an arrival",
        &[("arrival = true", "arrival = true\nwho = \"all\"")],
    ),
    ("who is that", &[("who = { pick = 2 }", "who = \"opner\"")]),
    (
        "accounts of no addresses",
        &[("who = { pick = 2 }", "who = { accounts = \"event.bond\" }")],
    ),
    ("missing phase", &[("phase = \"answer\"\nraces", "races")]),
    (
        "included of no rule",
        &[("entered = \"claim\"", "included = \"answr\"")],
    ),
    (
        "circle of rules",
        &[("entered = \"claim\"", "failed = \"claim\"")],
    ),
    (
        "batch of an arrival",
        &[(
            "arrival = true",
            "arrival = true\nbatch = { size = 2, wait = \"1s\" }",
        )],
    ),
    (
        "remember and share",
        &[(
            "remember = { event",
            "share = { event = \"Joined\", last = \"event.ticket\" }\nremember = { event",
        )],
    ),
    (
        "transition without a moment",
        &[("time = \"task.finalize\"\n", "")],
    ),
    ("transition that changes nothing", &[("\nenters = \"claim\"", "")]),
    (
        "invariant of a number",
        &[("balance(market) >= sum(task.bond)", "sum(task.bond)")],
    ),
    ("invariant of one task", &[("sum(task.bond)\"", "task.bond\"")]),
    (
        "opens that reads",
        &[(
            "opens = true",
            "opens = true\nwhen = \"market.bondOf(event.question) > 0\"",
        )],
    ),
    (
        "key and find",
        &[(
            "key = { question = \"event.id\" }",
            "key = { question = \"event.id\" }\nfind = { bond = \"event.amount\" }",
        )],
    ),
    (
        "found by what is no field",
        &[(
            "key = { question = \"event.id\" }",
            "find = { bnod = \"event.amount\" }",
        )],
    ),
    (
        "found by another type",
        &[(
            "key = { question = \"event.id\" }",
            "find = { bond = \"event.winner\" }",
        )],
    ),
    (
        "found and opened",
        &[("opens = true", "find = { bond = \"event.bond\" }\nopens = true")],
    ),
    (
        "result of nothing",
        &[(
            "call = \"market.claim(question)\"",
            "call = \"market.claim(question)\"\nset = { bond = \"result\" }",
        )],
    ),
    (
        "key by result and something else",
        &[(
            "value = \"bond\"",
            "value = \"bond\"\nopens = { question = \"keccak256(abi.encode(result, payload))\" }",
        )],
    ),
    (
        "set of no task",
        &[(
            "[[invariant]]",
            "[[on]]\nevery = \"1s\"\nrole = \"asker\"\nset = { bond = \"1\" }\ncall = \"market.join(sender)\"\n\n[[invariant]]",
        )],
    ),
    (
        "field that nothing sets",
        &[(
            "fields = { bond = \"uint256\",",
            "fields = { winner = \"address\", bond = \"uint256\",",
        )],
    ),
    (
        "while of an arrival",
        &[("arrival = true", "arrival = true\nwhile = \"answer\"")],
    ),
    (
        "set of what is no field",
        &[(
            "call = \"market.claim(question)\"",
            "call = \"market.claim(question)\"\nset = { bnd = \"1\" }",
        )],
    ),
    (
        "moment that reads",
        &[("time = \"task.finalize\"", "time = \"market.bondOf(question)\"")],
    ),
    (
        "condition that draws",
        &[(
            "closes = \"expired\"",
            "when = \"random(0, 1) == 1\"\ncloses = \"expired\"",
        )],
    ),
    (
        "unique value of an event",
        &[(
            "set = { bond = \"event.bond\", finalize = \"event.finalize\" }\n\n[[event]]\nname = \"market.Claimed\"",
            "set = { bond = \"unique()\" }\n\n[[event]]\nname = \"market.Claimed\"",
        )],
    ),
    (
        "step before no contract",
        &[(
            "for_each = \"answerer\"",
            "for_each = \"answerer\"\nbefore = \"markt\"",
        )],
    ),
    (
        "step before the contract that it calls",
        &[(
            "for_each = \"answerer\"",
            "for_each = \"answerer\"\nbefore = \"market\"",
        )],
    ),
    (
        "step of a role before a contract",
        &[(
            "role = \"answerer\"\ncall = \"market.join(sender)\"",
            "role = \"answerer\"\nbefore = \"market\"\ncall = \"market.join(sender)\"",
        )],
    ),
    (
        "neither a call nor a key",
        &[("call = \"market.ask(bytes(text(payload)), unique())\"\n", "")],
    ),
    (
        "value of what is signed",
        &[(
            "call = \"market.ask(bytes(text(payload)), unique())\"\n",
            "opens = { question = \"bytes32(unique())\" }\n",
        )],
    ),
    (
        "call of what is signed",
        &[
            (
                "call = \"market.ask(bytes(text(payload)), unique())\"\nvalue = \"bond\"\n",
                "opens = { question = \"bytes32(unique())\" }\n",
            ),
            ("entered = \"claim\"\nrole", "included = \"sign\"\nrole"),
        ],
    ),
    ("table for a list", &[("[[transition]]", "[transition]")]),
    ("not TOML", &[("races = true", "races = ")]),
    (
        "another profile extended",
        &[("description =", "extends = \"base.toml\"\ndescription =")],
    ),
];
