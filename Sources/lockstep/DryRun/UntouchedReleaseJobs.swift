import PlanGraph
import PlanLanguage
import Reports
import VM

/// The release jobs of the VMs that no step of a plan is about.
///
/// A plan whose steps are about no release job at all, such as a backup of the whole VM, has none.
struct UntouchedReleaseJobs {
  /// Of each VM's folder that has some, in the order of the plan's instances.
  private(set) var all: [Untouched] = []

  init(_ preparation: Preparation) {
    let graph = preparation.graph
    let subjects = graph.subjects
    var isTouched = [Bool](repeating: false, count: subjects.count)
    var hasAny = false
    for node in graph.nodes where node.kind == .step {
      switch subjects.scope(node.subject) {
      case .releaseJob: break
      case .instance:
        switch graph.steps[Int(node.payload)].action {
        case .start, .stop, .unmonitor: break
        case .startUnits, .stopUnits, .script, .run, .wait, .drain: continue
        }
      case .deploymentJob, .deployment: continue
      }
      hasAny = true
      isTouched[Int(node.subject.index)] = true
    }
    if hasAny { look(preparation, isTouched) }
  }

  private mutating func look(_ preparation: Preparation, _ isTouched: [Bool]) {
    let subjects = preparation.graph.subjects
    var folders: [String] = []
    var found: [String: (root: VMRoot, instances: [SubjectID], touched: Set<String>)] = [:]
    for instance in subjects.members(of: .deployment, at: .instance) {
      guard let root = preparation.machines.root(of: subjects.path(instance)) else { continue }
      if found[root.path] == nil { folders.append(root.path) }
      var folder = found.removeValue(forKey: root.path) ?? (root, [], [])
      folder.instances.append(instance)
      for job in subjects.members(of: instance, at: .releaseJob)
      where isTouched[Int(job.index)] {
        folder.touched.insert(subjects.name(job))
      }
      found[root.path] = folder
    }
    for path in folders {
      guard let folder = found[path] else { continue }
      let isWhole = folder.instances.contains { isTouched[Int($0.index)] }
      let names = folder.root.releaseJobs.map(\.text).filter { name in
        !folder.touched.contains(name)
          && !(isWhole && folder.root.hasProcesses(of: name))
      }
      if names.isEmpty { continue }
      all.append(
        Untouched(instances: folder.instances.map(subjects.path), root: path, releaseJobs: names)
      )
    }
  }
}
