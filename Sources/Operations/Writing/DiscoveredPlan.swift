package import VM
import Words

extension PlanTemplate {
  /// A plan with the phases in which a machine's release jobs have something to do.
  ///
  /// - Parameters:
  ///   - name: of the plan.
  ///   - vm: the machine's folder. Without BOSH, the result is a plan of units.
  /// - Returns: the text of the plan.
  package static func text(name: String, on vm: VMFolder) -> String {
    if vm.isPlain { return units.text(name: name) }
    let jobs = vm.releaseJobs.map(\.text)
    var parts: [String] = []
    func owners(_ script: String) -> [String] {
      jobs.filter { vm.hasScript(script, of: $0) }
    }
    func add(_ words: String, _ phase: String, afterBarrier scope: String) {
      if !parts.isEmpty { parts.append("  barrier across \(scope)\n") }
      parts.append(comment(words) + "  \(phase)\n")
    }
    for script in ["pre-start", "start", "post-start", "post-deploy"] {
      let scope = script == "post-deploy" ? "deployment" : "instance"
      let who = script == "start" ? jobs.filter { vm.hasProcesses(of: $0) } : owners(script)
      if who.isEmpty { continue }
      let list = who.joined(separator: ", ")
      if script == "start" {
        add(
          "Starts the processes of \(list) and waits until they run.",
          "phase start { start { timeout 5m settle 10s } }",
          afterBarrier: scope
        )
      } else {
        add(
          "Runs bin/\(script) of \(list).",
          "phase \(script) { script \(script) }",
          afterBarrier: scope
        )
      }
    }
    if parts.isEmpty {
      parts.append(
        "  # No release job here has a script or a process yet.\n"
          + "  phase pre-start { script pre-start }\n"
      )
    }
    let holds = jobs.isEmpty ? "no release job yet" : jobs.joined(separator: ", ")
    return """
      # Brings up a VM.
      plan \(name) {
      \(comment("The release jobs found here: \(holds)."))  default { retry 2 backoff 1s..10s timeout 30m }

      \(parts.joined(separator: "\n"))}

      """
  }

  /// A comment's lines, indented as in a plan's body.
  private static func comment(_ words: String) -> String {
    wrapped(words, width: 76).map { "  # \($0)\n" }.joined()
  }
}
