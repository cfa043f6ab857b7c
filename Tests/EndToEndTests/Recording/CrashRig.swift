import Testing

/// A VM with one release job whose `pre-start` waits for the test, and a plan of these statements.
struct CrashRig {
  let sandbox: Sandbox
  let vm: TestVM
  let arrived: Fifo
  let go: Fifo

  init(_ plan: (TestVM, String) -> String) throws {
    sandbox = try Sandbox()
    vm = try sandbox.vm()
    arrived = try sandbox.fifo("arrived")
    go = try sandbox.fifo("go")
    let work = "\(vm.note("begin")); \(vm.waiting(arrived, go)); \(vm.note("end"))"
    try vm.releaseJob("a", ["pre-start": work, "post-start": vm.note("last")])
    try sandbox.write("p.plan", plan(vm, work))
  }

  /// A script of the release job.
  static func script() throws -> CrashRig {
    try CrashRig { _, _ in
      """
      plan p {
        phase pre-start { script pre-start }
        phase post-start { script post-start }
      }
      """
    }
  }

  /// A command that must not be started a second time.
  static func plain(_ clauses: String = "") throws -> CrashRig {
    try CrashRig { _, work in
      """
      plan p {
        phase work per instance { run \"\"\"
          \(work)
          \"\"\" as once \(clauses) }
        phase post-start { script post-start }
      }
      """
    }
  }

  /// A run that was killed while its step kept running.
  func killed(_ arguments: [String] = ["run", "p.plan", "--vm", "vm"]) throws {
    let run = try sandbox.start(arguments)
    #expect(try arrived.line() == "here")
    try run.crash()
  }

  func resume(_ more: String...) throws -> RunningCommand {
    try sandbox.start(["resume", "--vm", "vm"] + more)
  }
}
