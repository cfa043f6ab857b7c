import Journal
import VM

/// The inputs of a run, reconstructed from its header and from what is not recorded.
struct RecordedInput {
  private let header: RunHeader
  private let reference: RunReference
  private let given: [String: String]
  /// Whether missing secrets get placeholder values, because nothing will run.
  private let isOnlyLooking: Bool

  /// Prepares to read a header.
  ///
  /// - Parameters:
  ///   - header: of the run.
  ///   - reference: how the run was named.
  ///   - given: secrets that are given again, by name.
  ///   - isOnlyLooking: whether nothing will run.
  init(
    _ header: RunHeader,
    _ reference: RunReference,
    given: [String: String] = [:],
    isOnlyLooking: Bool
  ) {
    self.header = header
    self.reference = reference
    self.given = given
    self.isOnlyLooking = isOnlyLooking
  }

  /// Compiles the current plan with the inputs of the run.
  ///
  /// - Throws: an error if a secret is missing, or the plan now has mistakes.
  func prepare(_ tell: Tell) throws(CommandFailure) -> Preparation {
    try checkMachines()
    var vms = VMRequest(header.machines)
    vms.hosts?.run = header.run
    return try Preparation(
      PlanRequest(
        plan: try plan(),
        parameters: try parameters(),
        facts: Dictionary(header.facts.map { ($0.name, $0.value) }) { $1 },
        vms: vms
      ),
      tell: tell
    )
  }

  /// If the machines are given again, they must be the same.
  ///
  /// A record in a copy of a VM's folder belongs to a run on the original VM.
  private func checkMachines() throws(CommandFailure) {
    let request = reference.vms
    if header.machines.contains(where: { $0.value.hasPrefix(RecordedHost.mark) }) { return }
    // Without a folder, it was found in the default one or in that of `--state`.
    let isMeant = request.named.isEmpty && reference.state == nil
    if let first = request.standard ?? (isMeant ? VMFolder.defaultPath : nil),
      let recorded = VMRequest(header.machines).first,
      !header.machines.contains(where: { FileReader.isSame(first, $0.value) })
    {
      throw CommandFailure(
        message: "the run was started in another folder, \(recorded)",
        help: FileReader.mayBeFolder(recorded)
          ? "resume it there: --vm \(recorded); in this folder, run the plan again"
          : "that folder is gone; if it was moved, move it back, otherwise run the plan again"
      )
    }
    for (name, path) in request.named.sorted(by: { $0.key < $1.key }) {
      let recorded = header.machines.first { $0.name == name }?.value
      if let recorded, FileReader.resolved(path) == recorded { continue }
      throw CommandFailure(
        message: "the run was started with "
          + (recorded.map { "another folder for '\(name)', \($0)" } ?? "no folder for '\(name)'"),
        help: "'resume' knows the machines of a run; --vm ROOT of the first one is enough"
      )
    }
  }

  private func parameters() throws(CommandFailure) -> [String: String] {
    var parameters = Dictionary(header.parameters.map { ($0.name, $0.value) }) { $1 }
    for (name, value) in given.sorted(by: { $0.key < $1.key }) {
      if !header.secrets.contains(name), parameters[name] != value {
        throw CommandFailure(
          message: "the run was started with another value of '\(name)', or none",
          help: "only secret params are given again; for other values, run the plan again"
        )
      }
      parameters[name] = value
    }
    for name in header.secrets where given[name] == nil {
      if !isOnlyLooking { throw missing(name) }
      parameters[name] = RunHeader.secretPlaceholder
    }
    return parameters
  }

  private func missing(_ name: String) -> CommandFailure {
    CommandFailure(
      message: "the secret param '\(name)' is not recorded and must be given again",
      help: "write --set-file \(name)=FILE, or --set \(name)=VALUE where no one else can see it"
    )
  }

  private func plan() throws(CommandFailure) -> LoadedPlan {
    if let loaded = PlanCompilation.bundled(key: header.plan) { return loaded }
    guard let folder = PlanCompilation.folderOfStandardInput(key: header.plan) else {
      return try PlanCompilation.load(header.plan)
    }
    // It came through a pipe, so only the journal has it.
    let text = header.sources.first?.value ?? ""
    return PlanCompilation.fromStandardInput(Array(text.utf8), folder: folder)
  }
}
