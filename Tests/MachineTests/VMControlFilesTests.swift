@testable import Machine
import PlanGraph
import Testing
@testable import VM

/// What all monit files of a VM say together, before anything is started.
@Suite struct VMControlFilesTests {
  private let vm = TemporaryVM()

  /// Writes the file of a release job with processes, each with what it depends on.
  private func write(_ releaseJob: String, _ processes: KeyValuePairs<String, String>) {
    var text = ""
    for (name, dependencies) in processes {
      text +=
        "check process \(name) with pidfile /run/\(name).pid\n  start program = \"/bin/\(name)\"\n"
      if !dependencies.isEmpty { text += "  depends on \(dependencies)\n" }
      text += "  group vcap\n"
    }
    vm.write("jobs/\(releaseJob)/monit", text)
  }

  /// What is found if only the first release job is started.
  private func problems(
    _ releaseJobs: [String] = ["a", "b"],
    supervisor: SupervisorChoice = .ctl
  ) throws -> [String] {
    var plan = TestGraph(releaseJobs: releaseJobs)
    _ = plan.add(.start, on: releaseJobs[0])
    return Preflight.problems(
      graph: plan.graph,
      vms: [plan.instance: try vm.open()],
      supervisor: supervisor
    ).map { "\($0.path.dropFirst(vm.path.count + 1)): \($0.what)" }
  }

  @Test("BOSH 5.7: one name twice over all files of a VM is refused")
  func names() throws {
    write("a", ["web": ""])
    write("b", ["db": "", "Web": ""])
    #expect(
      try problems() == [
        "jobs/b/monit: line 4:15 has a second check with the name 'Web'; the first is in "
          + "jobs/a/monit:1: 'check process Web with pidfile /run/Web.pid'"
      ]
    )
  }

  @Test(
    "BOSH 5.7: a file that no step starts is checked as well, because monit loads all",
    arguments: [
      SupervisorChoice.ctl, .monit(nil), .auto,
    ]
  )
  func all(_ supervisor: SupervisorChoice) throws {
    vm.write("bosh/etc/monitrc", "set httpd port 9 allow a:b2\n", mode: 0o600)
    write("a", ["web": ""])
    vm.write("jobs/b/monit", "chek process b\n")
    #expect(
      try problems(supervisor: supervisor) == [
        "jobs/b/monit: line 1:1 has 'chek', which does not begin a monit statement; write 'check': "
          + "'chek process b'"
      ]
    )
  }

  @Test("BOSH 5.7: a dependency on an unknown service is refused")
  func filesThatNothingLoads() throws {
    write("a", ["web": "db, f, cache"])
    write("b", ["db": ""])
    vm.write("jobs/b/more.monit", "check file f with path /etc/passwd\n")
    let line = "'depends on db, f, cache'"
    #expect(
      try problems(supervisor: .monit(nil)).last
        == "jobs/a/monit: line 3:21 has 'web' depend on 'cache', which no monit file of this VM "
        + "declares: \(line)"
    )
    // ctl only starts and awaits processes of group vcap.
    #expect(
      try problems() == [
        "jobs/a/monit: line 3:18 has 'web' depend on 'f', which no monit file of this VM declares as "
          + "a process of group vcap: \(line)",
        "jobs/a/monit: line 3:21 has 'web' depend on 'cache', which no monit file of this VM "
          + "declares: \(line)",
      ]
    )
    vm.write(
      "bosh/etc/monitrc",
      "set httpd port 9 allow a:b2\ncheck process Cache with pidfile /run/c.pid\n"
        + "include \(vm.path)/monit/job/*.monitrc\n",
      mode: 0o600
    )
    #expect(try problems(supervisor: .monit(nil)) == [])
    #expect(try problems(supervisor: .auto) == [])
  }

  @Test("BOSH 5.7: circles of any length are refused")
  func circles() throws {
    write("a", ["one": "one", "two": "three", "outside": "two"])
    write("b", ["three": "four", "four": "five", "five": "two"])
    #expect(
      try problems() == [
        "jobs/a/monit: line 1:15 has a circle: 'one' depends on 'one': "
          + "'check process one with pidfile /run/one.pid'",
        "jobs/a/monit: line 5:15 has a circle: 'two' depends on 'three' depends on 'four' depends on "
          + "'five' depends on 'two': 'check process two with pidfile /run/two.pid'",
      ]
    )
  }

  @Test func aLongCircleIsShortened() throws {
    var text = ""
    for number in 0..<3000 {
      text += "check process p\(number) with pidfile /run/p start program = \"/bin/p\" group vcap\n"
      text += "depends on p\((number + 1) % 3000)\n"
    }
    vm.write("jobs/a/monit", text)
    let found = try problems(["a"])
    #expect(found.count == 1 && (found.first?.utf8.count ?? 0) < 300)
  }

  @Test("BOSH 5.7: on a VM of an agent's, what monit 5.2.5 does not know is refused")
  func later() throws {
    vm.write("bosh/etc/monitrc", "set httpd port 9 allow a:b2\n", mode: 0o600)
    vm.write(
      "jobs/a/monit",
      "check process web with pidfile /run/web.pid\n  onreboot nostart\n  group vcap\n"
    )
    #expect(try problems(["a"], supervisor: .monit(nil)) == [])
    vm.write(
      "bosh/spec.json",
      #"{"job":{"templates":[{"name":"a"}]},"rendered_templates_archive":{"blobstore_id":"x"}}"#
    )
    #expect(
      try problems(["a"], supervisor: .monit(nil)) == [
        "jobs/a/monit: line 2:3 has 'onreboot', which monit 5.2.5 does not know: 'onreboot nostart'"
      ]
    )
  }

  @Test func monitTakesNoRelativePidFile() throws {
    vm.write("bosh/etc/monitrc", "set httpd port 9 allow a:b2\n", mode: 0o600)
    vm.write(
      "jobs/a/monit",
      "check process web with pidfile run/web.pid\n  start program = \"/bin/a\"\n  group vcap\n"
    )
    let found = [
      "jobs/a/monit: line 1:32 has the relative path 'run/web.pid'; monit takes only absolute "
        + "paths: 'check process web with pidfile run/web.pid'"
    ]
    #expect(try problems(["a"], supervisor: .monit(nil)) == found)
    #expect(try problems(["a"], supervisor: .auto) == found)
    #expect(try problems(["a"]) == [])
  }
}
