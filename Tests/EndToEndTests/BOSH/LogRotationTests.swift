import Glibc
import TestSupport
import Testing

/// Rotation of logs while scripts write to them, by the real logrotate.
@Suite(
  "Log rotation",
  .waits,
  .enabled(if: Tool.isAllRequired || (Tool.logrotate.works("--version") && getuid() == 0))
)
struct LogRotationTests {
  private static let lines = 2000

  private func logrotate(_ sandbox: Sandbox, _ file: String) throws {
    try RunningCommand(
      Tool.logrotate.path,
      ["-f", "-s", sandbox["state"], sandbox[file]],
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
      folder: sandbox.path
    ).finish().expect(0)
  }

  /// Everything that was rotated away, oldest first, then the current log.
  private func everything(_ sandbox: Sandbox, _ log: String) throws -> String {
    let folder = sandbox["vm/sys/log/web"]
    let numbers = FileTree.names(folder).compactMap { name in
      name.hasPrefix("\(log).") && name.hasSuffix(".gz")
        ? Int(name.dropFirst(log.utf8.count + 1).dropLast(3)) : nil
    }
    var text = ""
    for number in numbers.sorted(by: >) {
      let command = try RunningCommand(
        Tool.gzip.path,
        ["-dc", "\(folder)/\(log).\(number).gz"],
        environment: [:],
        folder: folder
      ).finish()
      text += command.expect(0).out
    }
    return text + (sandbox.text("vm/sys/log/web/\(log)") ?? "")
  }

  @Test("BOSH 4.6: a log that is copied and cut under a script loses no line and has no hole")
  func duringScript() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let gate = try sandbox.fifo("gate")
    let go = try sandbox.fifo("go")
    try vm.releaseJob(
      "web",
      [
        "pre-start": """
        i=0
        for round in 1 2 3 4; do
          n=0
          while [ $n -lt \(Self.lines) ]; do
            i=$((i + 1)); n=$((n + 1)); echo "line $i"; echo "error $i" >&2
          done
          echo written > '\(gate.path)'
          read answer < '\(go.path)'
        done
        """
      ]
    )
    let text = try sandbox.lockstep("logrotate", "--vm", "vm", "--size", "1").expect(0).out
    try sandbox.write("rotate.conf", text)
    let running = try sandbox.start(["run", "bosh-start", "--vm", "vm"])
    for _ in 1...4 {
      #expect(try gate.line() == "written")
      try logrotate(sandbox, "rotate.conf")
      try go.release()
    }
    try running.finish().expect(0)
    for (log, word) in [("pre-start.stdout.log", "line"), ("pre-start.stderr.log", "error")] {
      let all = try everything(sandbox, log)
      #expect(!all.utf8.contains(0), "\(log) has NULs in it")
      let wanted = (1...4 * Self.lines).map { "\(word) \($0)\n" }.joined()
      #expect(all == wanted, "\(log): \(all.utf8.count) of \(wanted.utf8.count) bytes")
      // The last part of it, and not a hole as long as everything before.
      #expect(FileTree.status(vm.logPath("web", String(log.dropLast(4))))?.st_size == 0)
    }
  }

  @Test("Without O_APPEND there is a hole, so the test can detect one")
  func hole() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    let gate = try sandbox.fifo("gate")
    let go = try sandbox.fifo("go")
    let own = vm.logPath("web", "own")
    try vm.releaseJob(
      "web",
      [
        "pre-start": """
        exec 3> '\(own)'
        echo first >&3
        echo written > '\(gate.path)'
        read answer < '\(go.path)'
        echo second >&3
        """
      ]
    )
    try sandbox.write(
      "rotate.conf",
      try sandbox.lockstep("logrotate", "--vm", "vm", "--size", "1").expect(0).out
    )
    let running = try sandbox.start(["run", "bosh-start", "--vm", "vm"])
    _ = try gate.line()
    try logrotate(sandbox, "rotate.conf")
    try go.release()
    try running.finish().expect(0)
    #expect(FileTree.bytes(own)?.contains(0) == true)
  }

  @Test("Three folders deep, hidden ones, and a VM's folder with blanks in its name")
  func reach() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm("my vm")
    let logs = ["a.log", ".b.log", "web/c.log", "web/.d.log", "web/deep/e.log", "web/deep/.f.log"]
    for log in logs + ["web/deep/er/g.log", "web/h.txt"] {
      try sandbox.write("my vm/sys/log/\(log)", "x\n")
    }
    try sandbox.write(
      "rotate.conf",
      try sandbox.lockstep("logrotate", "--vm", "my vm", "--size", "1").expect(0).out
    )
    try logrotate(sandbox, "rotate.conf")
    let rotated = FileTree.paths("\(vm.path)/sys/log").filter { $0.hasSuffix(".1.gz") }
    #expect(rotated == logs.map { "\($0).1.gz" }.sorted())
  }

  @Test("BOSH 4.6: the size comes from the spec, if it has one")
  func sizeOfSpec() throws {
    let sandbox = try Sandbox()
    try sandbox.folder("vm/sys/log")
    func spec(_ size: String) -> String {
      #"{"Properties":{"logging":{"max_log_file_size":\#(size)}}}"#
    }
    for (size, shown) in [
      ("\"\"", "50M"), ("null", "50M"), ("\"7M\"", "7M"), ("\"1048576\"", "1048576"),
    ] {
      try sandbox.write("vm/bosh/spec.json", spec(size))
      try sandbox.lockstep("logrotate", "--vm", "vm").expect(0).prints("  size \(shown)\n")
    }
    try sandbox.lockstep("logrotate", "--vm", "vm", "--size", "2k").expect(0).prints("  size 2k\n")
    for (size, words) in [
      ("\"50MB\"", "is '50MB', which logrotate does not"), ("50", "is a number"),
    ] {
      try sandbox.write("vm/bosh/spec.json", spec(size))
      try sandbox.lockstep("logrotate", "--vm", "vm").expect(3)
        .complains("vm/bosh/spec.json", "max_log_file_size \(words)")
    }
  }

  @Test("On a BOSH VM, where sys is a link, the real paths are named")
  func link() throws {
    let sandbox = try Sandbox()
    try sandbox.folder("vm/data/sys/log")
    try sandbox.link("vm/sys", to: sandbox["vm/data/sys"])
    try sandbox.lockstep("logrotate", "--vm", "vm").expect(0)
      .prints("\"\(sandbox.path)/vm/data/sys/log/*.log\"", "copytruncate", "size 50M", "rotate 7")
    try sandbox.lockstep("logrotate", "--vm", "vm", "--size", "lots").expect(2)
    try sandbox.lockstep("logrotate", "--vm", "none").expect(2)
    try sandbox.folder("v*m")
    try sandbox.lockstep("logrotate", "--vm", "v*m").expect(2).complains("logrotate cannot take")
  }
}
