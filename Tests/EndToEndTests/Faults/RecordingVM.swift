import Glibc
import Testing

/// A VM whose steps write down when they begin and end, and a plan for it.
///
/// The record is one file. The steps append to it, and so does the test, about what it read or did.
/// So the lines are in the order of what happened.
struct RecordingVM {
  /// A step, and what must have succeeded before it starts.
  struct Rule {
    /// As in `once:vm/0#once`.
    var step: String
    var after: [String]
  }

  /// How the plan is run.
  struct Commands {
    var run = RecordingVM.run
    var resume = RecordingVM.resume
    var environment: [String: String] = [:]
  }

  let sandbox: Sandbox
  let vm: TestVM
  let commands: Commands
  /// Every step, and the steps before it in the plan.
  let rules: [Rule]
  /// Steps that are not idempotent.
  let plain: Set<String>
  /// A step and the `finally` of its block.
  ///
  /// If the end of the `finally` was not seen, the block starts over.
  let guarded: (work: String, tidy: String)?

  /// The arguments that run the plan.
  static let run = ["run", "p.plan", "--vm", "vm"]
  /// The arguments that resume it.
  static let resume = ["resume", "--vm", "vm"]

  /// Makes the VM.
  ///
  /// - Parameters:
  ///   - plan: its text. `STEP` in it is the program of a step; its arguments are NAME, a pause in
  ///     seconds, and how many of its first attempts fail.
  ///   - scripts: the scripts of each release job, and the arguments of what they execute.
  ///   - rules: see above.
  ///   - plain: see above.
  ///   - guarded: see above.
  ///   - fleet: whose VMs have the scripts, in which `NUMBER` stands for the number of the VM; nil for
  ///     one VM.
  ///   - isLocked: whether each step holds its own lock while it runs, and records an `overlap` if
  ///     another attempt has that lock.
  /// - Throws: an error if something cannot be written.
  init(
    plan: String,
    scripts: [String: KeyValuePairs<String, String>],
    rules: [Rule],
    plain: Set<String>,
    guarded: (work: String, tidy: String)? = nil,
    on fleet: TestFleet? = nil,
    isLocked: Bool = false
  ) throws {
    sandbox = try fleet?.sandbox ?? Sandbox()
    let lock = """
      exec 9>> '\(sandbox.path)'/lock-$(echo "$1" | tr -c 'a-z0-9\\n' _)
      flock -n 9 || echo "overlap $1 $$" >> "$record"
      """
    let vms = try fleet?.vms ?? [sandbox.vm()]
    vm = vms[0]
    commands =
      fleet.map {
        Commands(run: TestFleet.run(), resume: TestFleet.resume(), environment: $0.environment)
      } ?? Commands()
    (self.rules, self.plain, self.guarded) = (rules, plain, guarded)
    try sandbox.write(
      "step",
      """
      #!/bin/sh
      record='\(sandbox["record"])'
      \(isLocked ? lock : ":")
      echo "start $1 $$" >> "$record"
      [ "$2" = 0 ] || sleep "$2"
      if [ "$3" -gt 0 ] && [ "$(grep -c "^start $1 " "$record")" -le "$3" ]; then
        echo "fail $1 $$" >> "$record"
        exit 1
      fi
      echo "end $1 $$" >> "$record"

      """,
      mode: 0o755
    )
    let step = sandbox["step"]
    for (number, vm) in vms.enumerated() {
      for (releaseJob, scripts) in scripts {
        try vm.releaseJob(releaseJob)
        for (script, arguments) in scripts {
          let words = arguments.replacing("NUMBER", with: "\(number)")
          try vm.script(releaseJob, script, "#!/bin/sh\nexec '\(step)' \(words)\n")
        }
      }
    }
    let parts = plan.split(separator: "STEP", omittingEmptySubsequences: false)
    try sandbox.write("p.plan", parts.joined(separator: step))
  }

  /// Starts the command.
  func start(_ arguments: [String]) throws -> RunningCommand {
    try sandbox.start(arguments, environment: commands.environment)
  }

  /// Appends a line to the record.
  func record(_ line: String) throws {
    let path = sandbox["record"]
    try Handle(path, O_WRONLY | O_APPEND | O_CREAT).write(Array("\(line)\n".utf8))
  }

  /// The record; each line says what happened, and to which step.
  var record: [(what: String, step: String)] {
    sandbox.lines("record").map { line in
      let words = line.split(separator: " ").map(String.init)
      return (words[0], words.count > 1 ? words[1] : "")
    }
  }

  /// Whether no step has started.
  var isUntouched: Bool { !record.contains { $0.what == "start" } }

  /// Adds to the record which steps a command has reported as succeeded.
  func acknowledge(_ finished: FinishedCommand) throws {
    for line in finished.out.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      guard words.count >= 4, words[1] == "ok" else { continue }
      // The line of a phase with one step does not name the step.
      let phase = words[2].split(separator: "#").map(String.init)
      let begin = "\(phase[0]):\(words[3] == "deployment" ? "" : words[3])#"
      let name = begin + phase.dropFirst().joined()
      let step = rules.first { $0.step == name || phase.count == 1 && $0.step.hasPrefix(begin) }
      try record("ok \(step?.step ?? name)")
    }
  }

  /// Kills everything that runs in the sandbox, until nothing is left.
  func killEverything() throws {
    let deadline = Deadline()
    while true {
      let survivors = sandbox.survivors()
      if survivors.isEmpty { break }
      for survivor in survivors { kill(survivor.identifier, SIGKILL) }
      if deadline.milliseconds == 0 {
        throw SystemFailure(description: "cannot be killed: \(survivors)")
      }
    }
    try record("killed")
  }
}

extension RecordingVM {
  /// One with everything that matters to a resume: parallel groups, a barrier, retries, steps that
  /// are not idempotent, and handlers of a phase and of the plan.
  ///
  /// - Parameter isLocked: see `init`.
  /// - Returns: the VM.
  /// - Throws: an error if something cannot be written.
  static func large(isLocked: Bool = false) throws -> RecordingVM {
    let names = ["a", "b", "c"]
    let first = names.map { "first:vm/0/\($0)#script-pre-start" }
    let second = names.map { "second:vm/0/\($0)#script-configure" }
    let last = names.map { "last:vm/0/\($0)#script-post-start" }
    let once = "once:vm/0#once"
    let many = ["one", "two", "three", "four", "five"].map { "many:vm/0#\($0)" }
    let guarded = (work: "guarded:vm/0#work", tidy: "guarded:vm/0#tidy")
    var rules = first.map { Rule(step: $0, after: []) }
    rules += second.map { Rule(step: $0, after: first) }
    rules.append(Rule(step: once, after: second))
    rules += many[..<4].map { Rule(step: $0, after: [once]) }
    rules.append(Rule(step: many[4], after: [many[3]]))
    rules.append(Rule(step: guarded.work, after: [many[0], many[1], many[2], many[4]]))
    rules.append(Rule(step: guarded.tidy, after: [guarded.work]))
    rules += last.map { Rule(step: $0, after: [guarded.tidy]) }
    rules.append(Rule(step: "large:#bye", after: last))
    var scripts: [String: KeyValuePairs<String, String>] = [:]
    for (index, name) in names.enumerated() {
      scripts[name] = [
        "pre-start": "\(first[index]) 0.01 \(name == "c" ? 1 : 0)",
        "configure": "\(second[index]) 0 0",
        "post-start": "\(last[index]) 0 0",
      ]
    }
    return try RecordingVM(
      plan: """
        plan large {
          default { timeout 1m }
          phase first { script pre-start { retry 3 backoff 1ms..5ms } }
          barrier across instance
          phase second { script configure }
          phase once per instance { run ["STEP", "\(once)", "0.01", "0"] as once }
          phase many per instance {
            parallel {
              run ["STEP", "\(many[0])", "0.01", "0"] as one
              run ["STEP", "\(many[1])", "0.02", "0"] as two
              run ["STEP", "\(many[2])", "0", "1"] as three { idempotent retry 3 backoff 1ms }
              sequence {
                run ["STEP", "\(many[3])", "0", "0"] as four { idempotent }
                run ["STEP", "\(many[4])", "0", "0"] as five
              }
            }
          }
          phase guarded per instance {
            run ["STEP", "\(guarded.work)", "0", "0"] as work { idempotent }
            finally { run ["STEP", "\(guarded.tidy)", "0", "0"] as tidy { idempotent } }
          }
          phase last { script post-start }
          finally { run ["STEP", "large:#bye", "0", "0"] as bye { idempotent } }
        }

        """,
      scripts: scripts,
      rules: rules,
      plain: [once, many[0], many[1], many[4]],
      guarded: guarded,
      isLocked: isLocked
    )
  }

  /// One with three steps; the second is not idempotent.
  ///
  /// - Parameters:
  ///   - failures: how many attempts of the first fail.
  ///   - lastFailures: how many of the last.
  /// - Returns: the VM.
  /// - Throws: an error if something cannot be written.
  static func small(failures: Int = 0, lastFailures: Int = 0) throws -> RecordingVM {
    let steps = ["first:vm/0/a#script-pre-start", "once:vm/0#once", "last:vm/0#last"]
    return try RecordingVM(
      plan: """
        plan small {
          default { timeout 1m }
          phase first { script pre-start }
          phase once per instance { run ["STEP", "\(steps[1])", "0", "0"] as once }
          phase last per instance {
            run ["STEP", "\(steps[2])", "0", "\(lastFailures)"] as last { idempotent }
          }
        }

        """,
      scripts: ["a": ["pre-start": "\(steps[0]) 0 \(failures)"]],
      rules: [
        Rule(step: steps[0], after: []), Rule(step: steps[1], after: [steps[0]]),
        Rule(step: steps[2], after: [steps[1]]),
      ],
      plain: [steps[1]]
    )
  }
}
