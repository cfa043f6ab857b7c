import Glibc
import TestSupport
import Testing

/// Formats of a dry-run, with texts that try to be more than text.
@Suite(.waits) struct HostileFormTests {
  private static let plan = #"""
    # </script><script>alert(1)</script> --> ]]> LTRO & "quotes" '
    plan evil {
      timeout 1h
      # doc </title></style></svg> LTRO <img src=x onerror=alert(2)>
      phase work {
        env X = "</script>\"'--> ]]> &amp; \u{1b}]0;pwned\u{7}"
        run """
          echo "</script><!-- '\"' -->"; printf '\\033[2J\u{202e}\u{1b}[31m'
          """
        run ["/bin/echo", "</style></title></svg>", "\\N \\l \"]; a->b;", "--]]>"] as end
        run ["/bin/true"] as graph
        run ["/bin/true"] as subgraph
      }
      phase pre-start { script pre-start }
    }
    """#

  /// Checks a format with another parser, which reads it from standard input.
  private static let readers = [
    "json": "import json,sys; assert json.load(sys.stdin)['version'] == 1",
    "svg": "import sys,xml.dom.minidom as m; d = m.parse(sys.stdin); "
      + "assert not d.getElementsByTagName('script') and not d.getElementsByTagName('img')",
    "html": """
    import sys
    from html.parser import HTMLParser
    tags = []
    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            tags.append(tag)
            assert not [name for name, _ in attributes if name.startswith('on')], tag
    reader = Reader()
    reader.feed(sys.stdin.read())
    assert tags.count('script') == 2 and tags.count('img') == 0, tags
    assert tags.count('svg') == 1 and tags.count('style') == 1, tags
    """,
  ]

  private func sandbox() throws -> Sandbox {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm("vm\"<b>&'\u{202e}")
    try vm.releaseJob("a")
    try vm.script("a", "pre-start", "#!/bin/sh </script><img src=x>\u{1b}[31m\u{202e}\nexit 0\n")
    try sandbox.write("evil.plan", Self.plan.replacing("LTRO", with: "\u{202e}rtl"))
    return sandbox
  }

  private func form(_ form: String, _ sandbox: Sandbox) throws -> FinishedCommand {
    let arguments = ["dry-run", "evil.plan", "--vm", "vm\"<b>&'\u{202e}", "--format", form]
    return try sandbox.start(arguments + (form == "tree" ? ["--details"] : [])).finish().expect(0)
  }

  @Test(arguments: ["tree", "json", "dot", "mermaid", "svg", "html"])
  func noControlOrBidirectionalCharacterIsPrinted(_ form: String) throws {
    let out = try self.form(form, try sandbox()).out
    let controls = out.unicodeScalars.filter { $0.value < 32 && $0 != "\n" || $0.value == 127 }
    #expect(controls.isEmpty, "\(controls.map(\.value))")
    // JSON is for programs, so it contains the exact text.
    if form != "json" { #expect(!out.unicodeScalars.contains("\u{202e}")) }
  }

  @Test(
    .enabled(if: Tool.python.works("--version") || Tool.isAllRequired, "needs python3"),
    arguments: ["json", "svg", "html"]
  )
  func otherParsersAcceptTheFormat(_ form: String) throws {
    let sandbox = try sandbox()
    let text = try self.form(form, sandbox).stdout
    let reader = try RunningCommand(
      Tool.python.path,
      ["-c", try #require(Self.readers[form])],
      environment: ["PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"],
      folder: sandbox.path,
      input: .bytes(text)
    )
    try reader.finish().expect(0)
  }

  @Test(.enabled(if: Tool.dot.works("-V") || Tool.isAllRequired, "needs dot(1) of graphviz"))
  func graphvizAcceptsTheFormat() throws {
    let sandbox = try sandbox()
    let text = try form("dot", sandbox).stdout
    let dot = try RunningCommand(
      Tool.dot.path,
      ["-Tplain"],
      environment: ["PATH": "/usr/bin:/bin"],
      folder: sandbox.path,
      input: .bytes(text)
    )
    let drawn = try dot.finish().expect(0)
    #expect(drawn.err.isEmpty, drawn.shown)
    #expect(drawn.out.split(separator: "\n").count { $0.hasPrefix("node ") } == 5)
  }

  @Test(arguments: [
    ("plan p { }", 0), ("plan p { phase a per instance { run \"true\" } }", 1),
    (
      "plan p { phase a per instance { run \"true\" as "
        + String(repeating: "long-", count: 40) + "name } }", 1
    ),
  ])
  func plansWithAtMostOneStepHaveEveryFormat(plan: String, steps: Int) throws {
    let sandbox = try Sandbox()
    try sandbox.vm().releaseJob("app")
    try sandbox.write("p.plan", plan)
    for form in ["tree", "json", "dot", "mermaid", "svg", "html"] {
      let shown = try sandbox.start(["dry-run", "p.plan", "--vm", "vm", "--format", form])
        .finish().expect(0)
      if form == "tree" {
        shown.prints(steps == 1 ? "1 step," : "0 steps,")
      }
    }
  }
}
