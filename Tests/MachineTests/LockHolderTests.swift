import Testing
@testable import VM

/// What is shown of the process that holds a lock.
@Suite struct LockHolderTests {
  @Test func valuesOfParamsAreNotRecordedInUnits() {
    let arguments = [
      "lockstep", "run", "p.plan", "--set", "token=a=b", "--set=other=c", "--set-file", "d=e",
      "--set",
    ]
    #expect(
      LockHolder.withoutValues(arguments) == [
        "lockstep", "run", "p.plan", "--set", "token=…", "--set=other=…", "--set-file", "d=e",
        "--set",
      ]
    )
  }
}
