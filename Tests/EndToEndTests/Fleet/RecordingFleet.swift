/// Hosts whose steps record when they begin and end, each behind a link that can be cut.
struct RecordingFleet {
  let world: RecordingVM
  let fleet: TestFleet
  let links: FleetLinks

  /// A plan with everything that matters: barriers across all hosts, retries, parallel steps, and
  /// steps that may not run twice.
  init(_ count: Int = 3) throws {
    let numbers = 0..<count
    let first = numbers.map { "first:web/\($0)/app#script-pre-start" }
    let once = numbers.map { "once:web/\($0)#once" }
    let many = numbers.flatMap { ["many:web/\($0)#one", "many:web/\($0)#two"] }
    let last = numbers.map { "last:web/\($0)/app#script-post-start" }
    var rules = first.map { RecordingVM.Rule(step: $0, after: []) }
    rules += once.map { RecordingVM.Rule(step: $0, after: first) }
    for number in numbers {
      for step in many[(2 * number)...(2 * number + 1)] {
        rules.append(RecordingVM.Rule(step: step, after: [once[number]]))
      }
    }
    rules += last.map { RecordingVM.Rule(step: $0, after: once + many) }
    rules.append(RecordingVM.Rule(step: "fleet:#bye", after: last))
    let sandbox = try Sandbox()
    fleet = try TestFleet(
      sandbox,
      count,
      carrier: FleetLinks.carrier(in: sandbox)
    )
    world = try RecordingVM(
      plan: """
        plan fleet {
          default { timeout 1m }
          deployment-job web { instances \(count) }
          phase first { script pre-start { retry 3 backoff 1ms..5ms } }
          barrier across deployment
          phase once per instance {
            run ["STEP", "once:web/\\(instance.index)#once", "0.03", "0"] as once
          }
          phase many per instance {
            parallel {
              run ["STEP", "many:web/\\(instance.index)#one", "0.02", "0"] as one
              run ["STEP", "many:web/\\(instance.index)#two", "0", "1"] as two {
                idempotent
                retry 3 backoff 1ms
              }
            }
          }
          barrier across deployment
          phase last { script post-start }
          finally { run ["STEP", "fleet:#bye", "0", "0"] as bye { idempotent } }
        }

        """,
      scripts: [
        "app": [
          "pre-start": "'first:web/NUMBER/app#script-pre-start' 0.02 0",
          "post-start": "'last:web/NUMBER/app#script-post-start' 0.01 0",
        ]
      ],
      rules: rules,
      plain: Set(once + numbers.map { many[2 * $0] }),
      on: fleet
    )
    links = try FleetLinks(fleet)
  }

  /// Kills everything that runs on a host, and gives it another boot id.
  func reboot(_ number: Int) throws {
    // What ran there has ended, and has not succeeded.
    try links.reboot(number) { try world.record("down web/\(number)") }
  }
}
