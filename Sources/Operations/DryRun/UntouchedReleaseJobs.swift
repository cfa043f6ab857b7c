import PlanGraph
import PlanLanguage
import Reports
import VM

/// The release jobs of the VMs for which a plan has no step.
///
/// Empty for a plan without any step for a release job, such as a backup of the whole VM.
struct UntouchedReleaseJobs {
  /// For each VM's folder that has some, in the order of the plan's instances.
  private(set) var all: [Untouched] = []

  init(_ preparation: Preparation) {
    let graph = preparation.graph
    let subjects = graph.subjects
    var isTouched = Table<SubjectID, Bool>(repeating: false, count: subjects.count)
    var hasAny = false
    for node in graph.nodes where node.kind == .step {
      switch subjects.scope(node.subject) {
      case .releaseJob: break
      case .instance:
        switch graph.steps[node.template].action {
        case .start, .stop, .unmonitor: break
        case .startUnits, .stopUnits, .script, .run, .wait, .drain: continue
        }
      case .deploymentJob, .deployment: continue
      }
      hasAny = true
      isTouched[node.subject] = true
    }
    if hasAny { look(preparation, isTouched) }
  }

  private mutating func look(_ preparation: Preparation, _ isTouched: Table<SubjectID, Bool>) {
    let subjects = preparation.graph.subjects
    var folders: [String] = []
    var found: [String: (vm: VMFolder, instances: [SubjectID], touched: Set<String>)] = [:]
    for instance in subjects.members(of: .deployment, at: .instance) {
      guard let vm = preparation.vms.vm(of: subjects.path(instance)) else { continue }
      if found[vm.path] == nil { folders.append(vm.path) }
      var folder = found.removeValue(forKey: vm.path) ?? (vm, [], [])
      folder.instances.append(instance)
      for job in subjects.members(of: instance, at: .releaseJob) where isTouched[job] {
        folder.touched.insert(subjects.name(job))
      }
      found[vm.path] = folder
    }
    for path in folders {
      guard let folder = found[path] else { continue }
      let isWhole = folder.instances.contains { isTouched[$0] }
      let names = folder.vm.releaseJobs.map(\.text).filter { name in
        !folder.touched.contains(name)
          && !(isWhole && folder.vm.hasProcesses(of: name))
      }
      if names.isEmpty { continue }
      all.append(
        Untouched(instances: folder.instances.map(subjects.path), root: path, releaseJobs: names)
      )
    }
  }
}
