import Glibc

/// How a run uses its time: what barriers cost, how soon it notices the end of a step, what output
/// costs, and how soon it resumes a long run.
struct Night {
  private let options: Options
  private let scratch: String

  static func run(_ options: Options) throws(Failure) {
    let scratch = try Scratch(in: options.scratch)
    let night = Night(options: options, scratch: scratch.path)
    print("night: \(options.parallel) at a time, each once")
    try night.makespan()
    try night.notice()
    try night.timeout()
    try night.output()
    try night.resume()
    print("")
  }

  private func lockstep(
    _ plan: String,
    _ root: BenchmarkRoot,
    mayFail: Bool = false
  ) throws(Failure) -> Program.Cost {
    let path = "\(scratch)/night.plan"
    try writeText(plan, to: path)
    let arguments = [
      "run", path, "--vm", root.path, "--parallel", "\(options.parallel)", "--quiet",
    ]
    let program = Program(options.lockstep, arguments)
    return try (mayFail ? program.mayFail : program).run(output: "\(scratch)/output")
  }

  /// 500 steps that sleep, with a barrier in the middle, compared with the least time that they can
  /// take.
  private func makespan() throws(Failure) {
    let (each, count) = (2.0, 250)
    let root = try BenchmarkRoot(
      "\(scratch)/makespan",
      count,
      script: "#!/bin/sh\nexec sleep 2\n",
      in: scratch
    )
    for index in 0..<count {
      let bin = "\(root.path)/jobs/\(BenchmarkRoot.name(index))/bin"
      if link("\(bin)/pre-start", "\(bin)/post-start") != 0 { throw Failure(errorText()) }
    }
    let cost = try lockstep(
      """
      plan makespan {
        phase pre-start { script pre-start { timeout 1m } }
        barrier across deployment
        phase post-start { script post-start { timeout 1m } }
      }
      """,
      root
    )
    let rounds = (count + options.parallel - 1) / options.parallel
    let least = 2 * Double(rounds) * each
    print(
      "  makespan of \(2 * count) sleeping steps: \(seconds(cost.wall)), "
        + "\(fixed(cost.wall / least, 3)) times the least, \(seconds(least))"
    )
  }

  /// How long after its end a script's end is in the journal; the script itself prints when it
  /// ends.
  private func notice() throws(Failure) {
    let count = 2000
    let root = try BenchmarkRoot(
      "\(scratch)/notice",
      count,
      script: "#!/bin/sh\nsleep 0.2\nexec cat /proc/uptime\n",
      in: scratch
    )
    _ = try lockstep("plan notice { phase pre-start { script pre-start { timeout 1m } } }\n", root)
    var delays: [Double] = []
    for line in try root.journal().split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count == 8, fields[2] == "ended", let moment = Double(fields[1]),
        let index = Int(fields[7].split(separator: "#")[0].split(separator: "-").last ?? ""),
        let end = root.log(index - 1_000_000)?.split(separator: " ").first.flatMap({ Double($0) })
      else { continue }
      delays.append(moment - end)
    }
    delays.sort()
    guard delays.count == count else {
      throw Failure("\(delays.count) of \(count) ends were found")
    }
    print(
      "  ends noticed after: median \(seconds(max(0, delays[count / 2]))), "
        + "99 of 100 within \(seconds(delays[count * 99 / 100])) (clock of 10 ms)"
    )
  }

  /// How late a step ends that ignores its timeout.
  private func timeout() throws(Failure) {
    let root = try BenchmarkRoot(
      "\(scratch)/timeout",
      options.parallel,
      script: "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n",
      in: scratch
    )
    let cost = try lockstep(
      "plan late { phase pre-start { script pre-start { timeout 1s grace 1s } } }\n",
      root,
      mayFail: true
    )
    print("  timeout 1 s and grace 1 s, TERM ignored: ended after \(seconds(cost.wall))")
  }

  /// Scripts that write 50 MB each.
  private func output() throws(Failure) {
    let root = try BenchmarkRoot(
      "\(scratch)/output-root",
      64,
      script: "#!/bin/sh\nexec head -c 50000000 /dev/zero\n",
      in: scratch
    )
    let quiet = try BenchmarkRoot("\(scratch)/quiet", 64, script: "#!/bin/sh\n", in: scratch)
    let plan = "plan output { phase pre-start { script pre-start { timeout 10m } } }\n"
    let silent = try lockstep(plan, quiet)
    let cost = try lockstep(plan, root)
    print(
      "  64 scripts of 50 MB output: \(seconds(cost.wall)), coordinator "
        + "\(fixed(100 * cost.ownTime / cost.wall, 1)) % CPU, \(seconds(cost.ownTime)), "
        + "\(megabytes(Double(cost.peak)))"
    )
    print(
      "    without output: coordinator \(seconds(silent.ownTime)), "
        + "\(megabytes(Double(silent.peak)))"
    )
    _ = try Program("/bin/rm", ["-rf", root.path]).run()
  }

  /// Resumes a run with a million events in its journal.
  private func resume() throws(Failure) {
    let (jobs, looks) = (5000, 100)
    let root = try BenchmarkRoot("\(scratch)/resume", jobs, script: "#!/bin/sh\n", in: scratch)
    var plan = "plan resume {\n  phase look {\n"
    for index in 0..<looks {
      plan += "    wait file \"/\" as w\(index) { every 1s timeout 1m }\n"
    }
    plan += "  }\n  barrier across deployment\n"
    plan += "  phase fail per deployment { run [\"/bin/false\"] { idempotent timeout 1m } }\n}\n"
    _ = try lockstep(plan, root, mayFail: true)
    let events = try root.journal().split(separator: "\n").count { line in
      line.dropFirst(9).first?.isNumber ?? false
    }
    let program = Program(options.lockstep, ["resume", "--vm", root.path, "--quiet"])
    let cost = try program.mayFail.run(output: "\(scratch)/output")
    print(
      "  resume of \(grouped(events)) events: \(seconds(cost.wall)), "
        + "\(megabytes(Double(cost.peak))), "
        + "\(bytes(Double(cost.peak) / Double(max(1, events)))) per event"
    )
  }
}
