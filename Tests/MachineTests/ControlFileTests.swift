@testable import System
import Testing
@testable import VM

/// What is read from monit's control files.
@Suite struct ControlFileTests {
  private func parse(_ text: String) throws -> [MonitoredProcess] {
    try ControlFileParser.parse(Array(text.utf8)).processes
  }

  @Test func readsWhatBoshReleasesWrite() throws {
    let processes = try parse(
      """
      check process nginx
        with pidfile /var/vcap/sys/run/nginx/nginx.pid
        start program "/var/vcap/jobs/nginx/bin/nginx_ctl start" with timeout 60 seconds
        stop program "/var/vcap/jobs/nginx/bin/nginx_ctl stop"
        group vcap
        depends on backend, cache
      """
    )
    #expect(
      processes == [
        MonitoredProcess(
          name: "nginx",
          identity: .pidFile("/var/vcap/sys/run/nginx/nginx.pid"),
          start: ControlProgram(
            arguments: ["/var/vcap/jobs/nginx/bin/nginx_ctl", "start"],
            user: nil,
            group: nil,
            timeout: .seconds(60)
          ),
          stop: ControlProgram(
            arguments: ["/var/vcap/jobs/nginx/bin/nginx_ctl", "stop"],
            user: nil,
            group: nil,
            timeout: .seconds(30)
          ),
          groups: ["vcap"],
          dependencies: ["backend", "cache"],
          line: 1
        )
      ]
    )
  }

  @Test func readsUsersGroupsQuotesAndArguments() throws {
    let processes = try parse(
      """
      CHECK PROCESS "a" PIDFILE '/run/a.pid' # a comment with "quotes
        start = "/bin/sh -c 'sleep 1; echo $x'  end" as uid vcap and gid "vcap" with timeout 120 seconds
        stop program /bin/kill as uid 65534
        group one group vcap
      """
    )
    let process = try #require(processes.first)
    #expect(process.start?.arguments == ["/bin/sh", "-c", "sleep 1; echo $x", "end"])
    #expect(process.start?.user == "vcap" && process.start?.group == "vcap")
    #expect(process.start?.timeout == .seconds(120))
    #expect(process.stop?.arguments == ["/bin/kill"])
    #expect(process.stop?.user == "65534")
    #expect(process.groups == ["one", "vcap"])
  }

  @Test func skipsWhatOnlyMonitUses() throws {
    let processes = try parse(
      """
      set daemon 10 with start delay 5
      set mail-format { from: a@b message: it's start program }
      check process a with pidfile /run/a.pid
        start program = "/bin/a start"
        stop program = "/bin/a stop"
        if failed host 127.0.0.1 port 80 protocol http with timeout 10 seconds then restart
        if cpu > 90% for 5 cycles then exec "/bin/start stop" else if succeeded then stop
        if 5 restarts within 5 cycles then timeout
        alert me@example.com only on { timeout, exec }
        every 2 cycles
        mode manual
        onreboot start
        group vcap
      check file f with path /etc/passwd
        start program = "/bin/f"
        group vcap
      check system here if loadavg (1min) > 4 then alert
      check process b with pidfile /run/b.pid group vcap
      """
    )
    #expect(processes.map(\.name) == ["a", "b"])
    #expect(processes.first?.start?.arguments == ["/bin/a", "start"])
    #expect(processes.first?.stop?.arguments == ["/bin/a", "stop"])
    #expect(processes.first?.groups == ["vcap"])
    #expect(processes.last?.start == nil)
  }

  @Test func keepsProcessesFoundByTheirCommandLine() throws {
    let processes = try parse("check process a matching \"nginx: master\" group vcap")
    #expect(processes.first?.identity == .matching("nginx: master"))
  }

  @Test func readsHowMonitIsAsked() throws {
    let vm = TemporaryVM()
    vm.write("users", "# who\nvcap:p:w \n")
    vm.write(
      "conf.d/http",
      "set httpd port 2822 and use address localhost\n allow cleartext \(vm.at("users"))\n"
    )
    vm.write("monitrc", "set daemon 10\nset logfile /x\ninclude \(vm.at("conf.d"))/*\n")
    let settings = try MonitSettings.read(vm.at("monitrc"))
    #expect(settings.endpoint == Endpoint(host: "localhost", port: 2822))
    #expect(settings.credentials == .init(user: "vcap", password: "p:w"))

    vm.write(
      "two",
      "set httpd port 9 use address 0.0.0.0 allow 127.0.0.1 allow a:b readonly allow c:\"d e\""
    )
    let two = try MonitSettings.read(vm.at("two"))
    #expect(two.endpoint == Endpoint(host: "127.0.0.1", port: 9))
    #expect(two.credentials == .init(user: "c", password: "d e"))

    vm.write("six", "set httpd port 9 and use address ::1 allow a:\"b c\"")
    let six = try MonitSettings.read(vm.at("six"))
    #expect(six.endpoint == Endpoint(host: "::1", port: 9) && six.endpoint.shown == "[::1]:9")
    #expect(six.credentials == .init(user: "a", password: "b c"))

    vm.write(
      "file",
      "set daemon 10 with start delay 240\nset pidfile /run/x.pid\n"
        + "set httpd unixsocket /run/monit.sock allow a:b2\ncheck file f with path /etc/passwd\n"
    )
    let file = try MonitSettings.read(vm.at("file"))
    #expect(file.endpoint == Endpoint(socketFile: "/run/monit.sock"))
    #expect(file.startDelay == .seconds(240) && file.pidFile == "/run/x.pid")
    #expect(file.services == ["f"])

    vm.write("three", "set daemon 1")
    #expect(throws: PlainFailure.self) { try MonitSettings.read(vm.at("three")) }
    #expect(throws: PlainFailure.self) { try MonitSettings.read(vm.at("absent")) }
  }
}
