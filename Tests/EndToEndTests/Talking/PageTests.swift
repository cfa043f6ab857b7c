import Glibc
import TestSupport
import Testing

private let chromiumWorks = Tool.chromium.works("--version")

/// The page of `--format html`, in a real browser.
@Suite(.waits, .enabled(if: chromiumWorks || Tool.isAllRequired, "needs chromium"), .serialized)
struct PageTests {
  private func sandbox() throws -> Sandbox {
    try #require(chromiumWorks, "chromium does not work here")
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try vm.releaseJob("app", ["pre-start": "true", "post-start": "true"])
    try vm.releaseJob("db", ["pre-start": "true"])
    try sandbox.write(
      "p.plan",
      """
      # Words of the plan <script>alert(1)</script>.
      plan p {
        timeout 1h
        phase pre-start { script pre-start { retry 2 } }
        barrier across instance
        phase post-start { script post-start }
      }
      """
    )
    let page = try sandbox.start(["dry-run", "p.plan", "--vm", "vm", "--format", "html"])
    try sandbox.write("p.html", page.finish().expect(0).out)
    return sandbox
  }

  private func chromium(
    _ sandbox: Sandbox,
    _ arguments: [String],
    _ page: String
  ) throws -> FinishedCommand {
    try RunningCommand(
      Tool.chromium.path,
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        "--enable-logging=stderr", "--user-data-dir=\(sandbox["profile"])",
        "--disable-background-networking", "--disable-component-update",
      ] + arguments + ["file://\(sandbox.path)/\(page)"],
      environment: ["PATH": "/usr/bin:/bin", "HOME": sandbox.path],
      folder: sandbox.path
    ).finish().expect(0)
  }

  @Test func pageWorksWithoutNetwork() throws {
    let sandbox = try sandbox()
    let page = try chromium(
      sandbox,
      ["--dump-dom", "--log-net-log=\(sandbox["net.json"])"],
      "p.html#step=post-start:vm/0/app"
    )
    #expect(page.out.contains("data-indexed=\"3\""), "the script built no index")
    #expect(page.out.contains("class=\"live picked\""), "no step is chosen: \(page.out)")
    #expect(page.out.contains("<h2>post-start:vm/0/app</h2>"))
    #expect(page.out.contains(">jobs/app/bin/post-start</dd>"))
    // The steps before it are found through the barrier.
    for name in ["app", "db"] { #expect(page.out.contains(">pre-start:vm/0/\(name)</button>")) }
    #expect(!page.err.contains("CONSOLE"), "\(page.err)")
    let log = sandbox.text("net.json") ?? ""
    let asked = log.split(separator: "\"").filter { $0.hasPrefix("file://") }
    #expect(asked.allSatisfy { $0.contains("/p.html") }, "\(asked)")
    for scheme in ["http", "ws"] {
      let others = log.split(separator: "\"").filter {
        $0.hasPrefix("\(scheme)://") || $0.hasPrefix("\(scheme)s://")
      }
      // The browser itself contacts its makers; no page can prevent that.
      let foreign = others.filter { other in
        !["google", "gstatic", "gvt1.com"].contains { other.contains($0) }
      }
      #expect(foreign.isEmpty, "\(foreign)")
    }
  }

  /// A step is found by its full name, by its short name, and if several steps are drawn as one
  /// box.
  @Test func searchFindsStepsInFoldedBlocks() throws {
    let sandbox = try sandbox()
    let folded = try sandbox.start([
      "dry-run", "p.plan", "--vm", "vm", "--format", "html", "--fold", "phase",
    ])
    try sandbox.write("folded.html", folded.finish().expect(0).out)
    for (page, step, title, isOne) in [
      ("p.html", "post-start:vm/0/app%23script-post-start", "post-start:vm/0/app", false),
      ("folded.html", "pre-start:vm/0/db", "pre-start", true),
      ("folded.html", "pre-start:vm/0/db%23script-pre-start", "pre-start", true),
    ] {
      let shown = try chromium(sandbox, ["--dump-dom"], "\(page)#step=\(step)")
      #expect(shown.out.contains("<h2>\(title)</h2>"), "\(step)")
      #expect(shown.out.contains("<dt>selected step</dt>") == isOne, "\(step)")
      #expect(shown.out.contains("data-step=\"found\""), "\(step)")
    }
    let other = try chromium(sandbox, ["--dump-dom"], "folded.html#step=pre-strat")
    #expect(other.out.contains("data-step=\"unknown\""))
    #expect(other.out.contains(">no such step</span>"))
  }

  /// In a frame as wide as a phone nothing overflows, even when a step is selected.
  @Test func pageFitsAPhone() throws {
    let sandbox = try sandbox()
    let drawn = try sandbox.start(["dry-run", "p.plan", "--vm", "vm", "--format", "html"])
    var coded = ""
    for byte in try drawn.finish().expect(0).stdout { coded += "%" + Self.hexadecimal(byte) }
    try sandbox.write(
      "phone.html",
      """
      <!DOCTYPE html><html><body>
      <iframe id="phone" style="width:390px;height:844px;border:0"></iframe>
      <script>
      const phone = document.getElementById("phone");
      phone.onload = () => {
        const page = phone.contentDocument;
        page.getElementById("search").value = "app";
        page.getElementById("search").dispatchEvent(new Event("input"));
        const box = [...page.querySelectorAll("[data-box]")].at(-1);
        box.dispatchEvent(new MouseEvent("click", { bubbles: true }));
        const wide = [...page.querySelectorAll("header, header *, aside, aside *")].filter((node) => {
          const frame = node.getBoundingClientRect();
          return frame.width > 0 && (frame.left < 0 || frame.right > 390.5);
        });
        const small = [...page.querySelectorAll(".tools button, #shut")].filter((node) => {
          const frame = node.getBoundingClientRect();
          return frame.width < 40 || frame.height < 40;
        });
        document.body.dataset.wide = wide.map((node) => node.id || node.tagName).join(" ") || "none";
        document.body.dataset.small = small.map((node) => node.id).join(" ") || "none";
        document.body.dataset.across = String(page.documentElement.scrollWidth);
        document.body.dataset.panel = String(!page.getElementById("panel").hidden);
      };
      phone.srcdoc = decodeURIComponent("\(coded)");
      </script></body></html>
      """
    )
    let page = try chromium(sandbox, ["--dump-dom", "--virtual-time-budget=10000"], "phone.html")
    for found in ["wide=\"none\"", "small=\"none\"", "across=\"390\"", "panel=\"true\""] {
      #expect(page.out.contains("data-\(found)"), "\(found): \(page.out.suffix(300))")
    }
  }

  @Test func searchFindsSteps() throws {
    let sandbox = try sandbox()
    for (words, count) in [("pre-start%20app", 1), ("jobs%2Fapp", 2), ("nothing%20like%20it", 0)] {
      let page = try chromium(sandbox, ["--dump-dom"], "p.html#search=\(words)")
      #expect(page.out.contains("data-found=\"\(count)\""), "\(words)")
    }
  }

  /// Draws the picture on a canvas and counts its colors, in light and dark mode.
  @Test(arguments: [(1, "rgb(255,255,255)"), (0, "rgb(18,23,30)")])
  func pictureIsDrawn(scheme: Int, corner: String) throws {
    let sandbox = try sandbox()
    let drawn = try sandbox.start(["dry-run", "p.plan", "--vm", "vm", "--format", "svg"])
    var coded = ""
    for byte in try drawn.finish().expect(0).stdout { coded += "%" + Self.hexadecimal(byte) }
    try sandbox.write(
      "canvas.html",
      """
      <!DOCTYPE html><html><body><script>
      const image = new Image();
      image.onload = () => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [image.width, image.height];
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
        const colours = new Set();
        for (let at = 0; at < data.length; at += 4) {
          colours.add(data[at] << 16 | data[at + 1] << 8 | data[at + 2]);
        }
        document.title = `colours ${colours.size > 20 ? "many" : colours.size}`;
        document.body.dataset.corner = `rgb(${data[0]},${data[1]},${data[2]})`;
      };
      image.src = "data:image/svg+xml,\(coded)";
      </script></body></html>
      """
    )
    let page = try chromium(
      sandbox,
      [
        "--dump-dom", "--virtual-time-budget=10000",
        "--blink-settings=preferredColorScheme=\(scheme)",
      ],
      "canvas.html"
    )
    #expect(page.out.contains("<title>colours many</title>"), "\(page.out.suffix(300))")
    #expect(page.out.contains("data-corner=\"\(corner)\""), "\(page.out.suffix(300))")
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.utf8.count == 1 ? "0\(digits)" : digits
  }
}
