import Glibc

/// Rehearsals: the consequences of every single failure on a VM with 12 and with 120 release jobs,
/// and the tests of a bundled plan.
struct Rehearse {
  static func run(_ options: Options) throws(Failure) {
    let runs = options.runs ?? 5
    let scratch = try Scratch(in: options.scratch)
    var contest = Contest()
    for count in [12, 120] {
      let root = "\(scratch.path)/vm-\(count)"
      try makeRoot(root, releaseJobs: count)
      let arguments = ["dry-run", "bosh-deploy", "--vm", root, "--what-if"]
      contest.add(
        "\(count) release jobs, --what-if all",
        Program(options.lockstep, arguments + ["all"])
      )
      contest.add(
        "\(count) release jobs, --what-if none",
        Program(options.lockstep, arguments + ["none"])
      )
    }
    contest.add("lockstep test bosh-start", Program(options.lockstep, ["test", "bosh-start"]))
    try contest.run(runs)
    print("rehearse: \(runs) runs of each, in turn")
    var table = Table(["", "least", "median"])
    for entry in contest.entries {
      table.add([
        entry.name, seconds(entry.least { $0.wall }), seconds(entry.median { $0.wall }),
      ])
    }
    print(table.text)
  }

  /// Makes a VM's folder in which every release job has a script of every kind.
  private static func makeRoot(_ root: String, releaseJobs: Int) throws(Failure) {
    try makeFolder(root)
    try makeFolder("\(root)/jobs")
    for number in 0..<releaseJobs {
      let folder = "\(root)/jobs/release-\(number)"
      try makeFolder(folder)
      try makeFolder("\(folder)/bin")
      for script in ["pre-start", "post-start", "post-deploy"] {
        let path = "\(folder)/bin/\(script)"
        var file = try TextFile(path)
        try file.write("#!/bin/sh\n")
        try file.finish()
        if chmod(path, 0o755) != 0 { throw Failure("cannot change \(path): \(errorText())") }
      }
    }
  }
}
