import Execution
import Glibc
import System
import VM
import Words

/// An order under `ctl`: several processes, each as soon as those before it are done.
///
/// For a start, `depends on` names what must run first; for a stop, what is stopped afterwards.
/// Processes that do not wait for each other are started and stopped in parallel, while monit would
/// take one after another. A failure only holds back what waits for it.
final class CtlOperation: Attempt {
  /// One process of the order.
  final class Task {
    let placed: PlacedProcess
    /// The indices of what must be done first.
    var waitsFor: Set<Int> = []
    var start: CtlStart?
    var stop: CtlStop?
    var hasBegun = false
    var isOver = false

    init(_ placed: PlacedProcess) { self.placed = placed }
  }

  private let order: SupervisorOrder
  private let programs: ControlPrograms
  private let machinery: Machinery
  private let tasks: [Task]
  private let completion: Completion<AttemptResult>
  private var failures: [String] = []
  private var failed: Set<Int> = []
  private var isCancelled = false

  init(
    _ order: SupervisorOrder,
    _ processes: [PlacedProcess],
    _ programs: ControlPrograms,
    _ machinery: Machinery,
    ended: @escaping (AttemptResult) -> Void
  ) {
    self.order = order
    self.programs = programs
    self.machinery = machinery
    completion = Completion(ended)
    tasks = processes.map(Task.init)
    let indices = Dictionary(
      tasks.enumerated().map { ($1.placed.process.name, $0) },
      uniquingKeysWith: { first, _ in first }
    )
    for (index, task) in tasks.enumerated() {
      for name in task.placed.process.dependencies {
        guard let other = indices[name], other != index else { continue }
        if order.verb == .start {
          task.waitsFor.insert(other)
        } else {
          tasks[other].waitsFor.insert(index)
        }
      }
    }
  }

  /// Begins with the processes that wait for nothing.
  func begin() {
    if tasks.isEmpty { return finish() }
    proceed()
  }

  private func proceed() {
    for (index, task) in tasks.enumerated() where !task.hasBegun && task.waitsFor.isEmpty {
      if isCancelled { continue }
      task.hasBegun = true
      begin(task, index)
    }
    let underWay = tasks.contains { $0.hasBegun && !$0.isOver }
    if underWay { return }
    // What is left waits for a failed process, or in a circle.
    let left = tasks.filter { !$0.isOver }
    if !left.isEmpty, failures.isEmpty {
      let names = left.map { quoted($0.placed.process.name) }.joined(separator: ", ")
      failures.append("\(names) depend on each other in a circle; see 'depends on'")
    }
    finish()
  }

  private func begin(_ task: Task, _ index: Int) {
    let done: (String?) -> Void = { [self] in over(index, $0) }
    let name = quoted(task.placed.process.name)
    let warn: (String) -> Void = { [order] in order.remark(.warning, "\(name) \($0)") }
    if order.verb == .start {
      let start = CtlStart(
        task.placed,
        programs,
        on: machinery.loop,
        settle: order.settle,
        warn: warn,
        isRunning: { [self] in release(index) },
        done: done
      )
      task.start = start
      start.begin()
    } else {
      let stop = CtlStop(task.placed, programs, on: machinery.loop, warn: warn, done: done)
      task.stop = stop
      stop.begin()
    }
  }

  /// Releases what waits for a process: for a start it is enough that this runs.
  private func release(_ index: Int) {
    for task in tasks { task.waitsFor.remove(index) }
    for (other, task) in tasks.enumerated()
    where !task.hasBegun && task.waitsFor.isEmpty && !isCancelled {
      task.hasBegun = true
      begin(task, other)
    }
  }

  private func over(_ index: Int, _ failure: String?) {
    tasks[index].isOver = true
    // They refer to this order, and this order to them.
    tasks[index].start = nil
    tasks[index].stop = nil
    if let failure {
      failures.append("\(quoted(tasks[index].placed.process.name)) \(failure)")
    } else {
      for task in tasks { task.waitsFor.remove(index) }
    }
    proceed()
  }

  func terminate() { cancel { $0.terminate() } }

  func kill() { cancel { $0.kill() } }

  private func cancel(_ end: (any Attempt) -> Void) {
    isCancelled = true
    for task in tasks where task.hasBegun && !task.isOver {
      task.start?.cancel(end)
      task.stop?.cancel(end)
    }
  }

  func abandon() {
    completion.cancel()
    cancel { $0.abandon() }
  }

  private func finish() {
    if isCancelled, failures.isEmpty { failures.append("was stopped before its end") }
    completion.report(failures.isEmpty ? .exited(0) : .failed(failures.joined(separator: "; ")))
  }
}
