import Machine
import PlanGraph
import VM
import Wire

extension VMPlan {
  /// What would certainly fail here, and the contents of the scripts.
  ///
  /// - Parameters:
  ///   - vm: the VM.
  ///   - supervisor: who starts and stops processes.
  ///   - leftOut: steps that will not run, by the near end's numbers.
  /// - Returns: the answer.
  func check(
    on vm: VMFolder,
    _ supervisor: SupervisorChoice,
    leavingOut leftOut: [NodeID]
  ) -> FarMessage {
    let vms = machines(vm)
    var problems =
      Preflight.problems(
        graph: graph,
        vms: vms,
        supervisor: supervisor,
        leavingOut: Set(leftOut.compactMap(node)),
        logNames: StepLogNames(stems: stems)
      ) + FreeSpaceCheck.problems(of: [vm], state: nil)
    var contents = ScriptContents(graph, vms)
    var scripts: [NodeID: UInt64] = [:]
    for own in graph.nodes.indices {
      do {
        scripts[nodes[own]] = try contents.digest(own)
      } catch {
        if !problems.contains(error) { problems.append(error) }
      }
    }
    return .checked(problems.map { WireProblem($0) }, scripts: scripts)
  }
}
