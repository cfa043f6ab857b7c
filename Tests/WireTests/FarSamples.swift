import Execution
import PlanGraph
import Wire

/// The kinds of messages from the far end; see ``NearKind``.
enum FarKind: String, CaseIterable {
  case welcome, refused, waiting, locked, planned, checked, leftovers, settled, begun, started
  case ended, answered, remark, tail, finished, pong, failed

  init(_ message: FarMessage) {
    self =
      switch message {
      case .welcome: .welcome
      case .refused: .refused
      case .waiting: .waiting
      case .locked: .locked
      case .planned: .planned
      case .checked: .checked
      case .leftovers: .leftovers
      case .settled: .settled
      case .begun: .begun
      case .started: .started
      case .ended: .ended
      case .answered: .answered
      case .remark: .remark
      case .tail: .tail
      case .finished: .finished
      case .pong: .pong
      case .failed: .failed
      }
  }

  /// Messages of this kind: the first has all fields.
  var samples: [FarMessage] {
    let node = NodeID(7)
    switch self {
    case .welcome: return [.welcome(Self.report), .welcome(VMReport())]
    case .refused: return [.refused(Self.problems), .refused([])]
    case .waiting: return [.waiting("run r is under way")]
    case .locked: return [.locked]
    case .planned: return [.planned]
    case .checked:
      return [
        .checked(Self.problems, scripts: [node: .max, NodeID(1): 0]), .checked([], scripts: [:]),
      ]
    case .leftovers: return [.leftovers(Self.leftBehind), .leftovers(WireLeftovers())]
    case .settled: return [.settled]
    case .begun:
      return [
        .begun(FarMessage.Begun(boot: "b", underWay: [node: 2, NodeID(9): 1])),
        .begun(FarMessage.Begun(boot: "", underWay: [:])),
      ]
    case .started:
      return [
        .started(node, attempt: 1, process: 4711), .started(node, attempt: 1, process: nil),
      ]
    case .ended:
      let results: [AttemptResult] = [
        .failed("no 'x'"), .exited(0), .exited(255), .signalled(9), .refused("\u{7}"), .lost,
        .notStarted,
      ]
      return results.flatMap { result -> [FarMessage] in
        [
          .ended(node, attempt: 3, result, took: .nanoseconds(1_234_567_891)),
          .ended(node, attempt: 3, result, took: nil),
        ]
      }
    case .answered: return [.answered(node, true), .answered(node, false)]
    case .remark:
      return [
        .remark(Remark(node: node, kind: .warning, text: "it is slow")),
        .remark(Remark(node: node, kind: .state, text: "draining")),
      ]
    case .tail: return [.tail(node, Self.endOfLog), .tail(node, WireTail())]
    case .finished: return [.finished]
    case .pong: return [.pong]
    case .failed: return [.failed("no space")]
    }
  }

  static let allSamples = allCases.flatMap(\.samples)

  private static let problems = [
    WireProblem(path: "/var/vcap/jobs/x", what: "is missing", help: "render it", isWarning: true),
    WireProblem(path: "", what: "", help: nil, isWarning: false),
  ]

  private static let report: VMReport = {
    var report = VMReport()
    report.version = "1.2.3"
    report.user = 1000
    report.hostName = "web-0"
    report.machineType = "x86_64"
    report.boot = "8c3f"
    report.time = 1_700_000_000_000
    report.freeBytes = .max
    report.path = "/var/vcap"
    report.isPlain = true
    report.hasSpec = true
    report.releaseJobs = [
      VMReport.ReleaseJob(name: "nginx", scripts: ["drain", "pre-start"], hasProcesses: true),
      VMReport.ReleaseJob(name: "app", scripts: [], hasProcesses: false),
    ]
    report.deploymentJob = "web"
    report.index = "0"
    report.persistentDisk = 10_240
    report.facts = ["instance.az": "z1", "e\u{301}": "x"]
    report.logsPath = "sys/log"
    report.recordsPath = "/var/vcap/lockstep"
    return report
  }()

  private static let leftBehind: WireLeftovers = {
    var left = WireLeftovers()
    left.runs = [
      WireLeftovers.Run(
        id: "r",
        words: "plan x",
        resume: "lockstep resume r",
        doubtful: ["a:web/0#x"]
      ),
      WireLeftovers.Run(id: "s", words: "", resume: nil, doubtful: []),
    ]
    left.living = [
      WireLeftovers.Process(process: 1, since: "5 minutes", step: "a", run: "r"),
      WireLeftovers.Process(process: .max, since: nil, step: "", run: nil),
    ]
    return left
  }()

  private static let endOfLog: WireTail = {
    var tail = WireTail()
    tail.path = "/var/vcap/sys/log/web/x"
    tail.isKnown = false
    tail.missing = "it wrote nothing"
    tail.isDiskFull = true
    tail.stdout = Array(0...255)
    tail.stderr = Array("\u{1B}[31m\r\n".utf8) + [0xFF]
    return tail
  }()
}
