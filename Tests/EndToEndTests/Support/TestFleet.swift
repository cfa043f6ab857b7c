import Glibc
import Testing

/// VMs of one deployment job, `web`, that are folders of a sandbox, each reached over a connection.
///
/// Without another carrier, `env` starts the shell of each. All ends work in the sandbox, so whatever
/// is left of them is found there.
struct TestFleet {
  let sandbox: Sandbox
  /// The VMs of `web/0` and the following.
  let vms: [TestVM]
  /// Where the coordinator keeps its records, relative to the sandbox.
  static let state = "state"

  /// Makes the VMs, and a file `hosts` for them.
  ///
  /// - Parameters:
  ///   - sandbox: where everything is.
  ///   - count: how many VMs.
  ///   - carrier: what starts a shell; `{index}` in it is the number of the VM.
  /// - Throws: an error if something cannot be written.
  init(_ sandbox: Sandbox, _ count: Int, carrier: String = "env") throws {
    self.sandbox = sandbox
    vms = try (0..<count).map { try sandbox.vm("vm\($0)") }
    // It is found in PATH, and need not be copied.
    try sandbox.folder("bin")
    try sandbox.link("bin/lockstep", to: Lockstep.path)
    try writeHosts(carrier: carrier)
  }

  /// Writes the file `hosts`.
  func writeHosts(carrier: String) throws {
    let lines = vms.indices.map { number in
      "web/\(number)  host-\(number)  vm=\(vms[number].path)  via='\(carrier)'\n"
    }
    try sandbox.write("hosts", lines.joined())
  }

  /// The environment of the coordinator, which the carriers pass on to the far ends.
  var environment: [String: String] {
    ["PATH": "\(sandbox["bin"]):/usr/bin:/bin", "XDG_CACHE_HOME": sandbox["cache"]]
  }

  /// The arguments that run a plan on the fleet.
  static func run(_ plan: String = "p.plan", _ more: String...) -> [String] {
    ["run", plan, "--hosts", "hosts", "--state", state] + more
  }

  /// The arguments that resume the last run.
  static func resume(_ more: String...) -> [String] { ["resume", "--state", state] + more }

  /// Writes `p.plan`: these items, after the deployment job.
  func plan(_ items: String, job: String = "") throws {
    try sandbox.write(
      "p.plan",
      """
      plan p {
        default { timeout 1m }
        deployment-job web { instances \(vms.count) \(job) }
        \(items)
      }
      """
    )
  }

  /// Starts the command.
  func start(_ arguments: [String], input: Input = .nothing) throws -> RunningCommand {
    try sandbox.start(arguments, environment: environment, input: input)
  }

  /// Runs the command, waits for its end and checks its output.
  @discardableResult
  func lockstep(
    _ arguments: [String],
    input: Input = .nothing,
    _ location: SourceLocation = #_sourceLocation
  ) throws -> FinishedCommand {
    let finished = try start(arguments, input: input).finish(location)
    // A document for programs has long lines.
    if !arguments.contains("json") { finished.checkManners(location) }
    return finished
  }

  /// A line for a script that appends words to the sandbox's file `order` in one write; the shell
  /// fills in variables.
  func note(_ words: String) -> String { "echo \(words) >> '\(sandbox["order"])'" }

  /// The lines of the sandbox's file `order`.
  var order: [String] { sandbox.lines("order") }

  /// The processes of far ends.
  var farEnds: [Sandbox.Survivor] {
    sandbox.survivors().filter { $0.command.hasSuffix("lockstep serve ") }
  }

  /// The runs that a VM takes for unfinished.
  func farRuns(_ number: Int) -> [String] {
    FileTree.names("\(vms[number].path)/data/lockstep/far").filter { $0 != "last-end" }
  }

  /// Fails the test if a process, or on a VM a run, is left.
  ///
  /// - Parameters:
  ///   - isLast: whether only the last run must be gone, because an earlier one began and was not
  ///     resumed.
  ///   - location: of the test.
  func expectNothingLeft(
    ofLastRun isLast: Bool = false,
    _ location: SourceLocation = #_sourceLocation
  ) {
    sandbox.expectNoSurvivors(location)
    let last = FileTree.names(sandbox["\(Self.state)/runs"]).last
    for number in vms.indices {
      let left = farRuns(number).filter { !isLast || $0 == last }
      #expect(left.isEmpty, "of web/\(number)", sourceLocation: location)
    }
    let copies = FileTree.names(sandbox["cache/lockstep"]).filter { $0.hasPrefix(".") }
    #expect(copies.isEmpty, sourceLocation: location)
  }
}
