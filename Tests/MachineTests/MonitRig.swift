import CLinux
@testable import Clock
import Glibc
@testable import System
@testable import VM

/// A real monit on a free port of the loopback interface, with services of group vcap that do not
/// start by themselves, on a VM whose release jobs declare them.
///
/// Everything ends with this object.
final class MonitRig {
  static let program = "/usr/bin/monit"
  static var isInstalled: Bool { access(program, X_OK) == 0 }

  let vm = TemporaryVM()
  let names: [String]
  private(set) var port: UInt16 = 0

  /// Makes it and starts it.
  ///
  /// - Parameters:
  ///   - names: of the release jobs, and of their processes.
  ///   - suffix: appended to the names of the processes.
  ///   - statement: one more of each process.
  ///   - listening: where monit listens, as after `set httpd`; nil for the port at 127.0.0.1.
  ///   - startDelay: what follows `set daemon 1`.
  ///   - include: which files it loads, relative to the root.
  /// - Throws: an error if no port is free.
  init(
    _ names: [String],
    suffix: String = "",
    statement: String = "onreboot nostart",
    listening: ((_ port: UInt16, _ vm: String) -> String)? = nil,
    startDelay: String = "",
    include: String = "jobs/*/monit"
  ) throws {
    self.names = names
    port = try Self.freePort()
    let place = listening?(port, vm.path) ?? "port \(port) and use address 127.0.0.1"
    for name in names {
      let pidFile = vm.at("sys/run/\(name).pid")
      let daemon = "echo $$ >'\(pidFile)'; exec sleep 1000"
      vm.write(
        "jobs/\(name)/bin/ctl",
        """
        #!/bin/sh
        echo "$1 \(name)" >>'\(vm.path)/calls'
        case $1 in
        start)
          [ ! -e '\(vm.path)/\(name).fails' ] || exit 1
          setsid sh -c "\(daemon.map { $0 == "$" ? "\\$" : String($0) }.joined())" </dev/null >/dev/null 2>&1 &
          while [ -e '\(vm.path)' ] && ! [ -s '\(pidFile)' ]; do sleep 0.01; done ;;
        stop) kill "$(cat '\(pidFile)')"; rm -f '\(pidFile)' ;;
        esac
        """,
        mode: 0o755
      )
      vm.write(
        "jobs/\(name)/monit",
        """
        check process \(name)\(suffix) with pidfile \(pidFile)
          start program = "\(vm.path)/jobs/\(name)/bin/ctl start" with timeout 5 seconds
          stop program = "\(vm.path)/jobs/\(name)/bin/ctl stop" with timeout 5 seconds
          \(statement)
          group vcap

        """
      )
    }
    vm.write("users", "vcap:a secret\n", mode: 0o600)
    vm.write(
      "bosh/etc/monitrc",
      """
      set daemon 1 \(startDelay)
      set onreboot nostart
      set log \(vm.path)/monit.log
      set pidfile \(vm.path)/monit.pid
      set idfile \(vm.path)/monit.id
      set statefile \(vm.path)/monit.state
      set httpd \(place) allow cleartext \(vm.path)/users
      include \(vm.path)/\(include)

      """,
      mode: 0o600
    )
    // Monit requires all of its files to be private.
    for name in names { chmod(vm.at("jobs/\(name)/monit"), 0o600) }
    start(isAwaited: startDelay.isEmpty)
  }

  deinit {
    stop()
    for name in names {
      if let process = vm.lines("sys/run/\(name).pid").first.flatMap({ pid_t($0) }), process > 1 {
        kill(process, SIGKILL)
      }
    }
  }

  var process: pid_t? { vm.lines("monit.pid").first.flatMap { pid_t($0) } }

  /// Starts the daemon and waits until it has reported that it runs.
  ///
  /// - Parameter isAwaited: whether to wait until it answers, too.
  func start(isAwaited: Bool = true) {
    var arguments: [UnsafeMutablePointer<CChar>?] = [
      strdup(Self.program), strdup("-c"), strdup(vm.at("bosh/etc/monitrc")), nil,
    ]
    defer { for argument in arguments { free(argument) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for number in 1...2 as ClosedRange<Int32> {
      posix_spawn_file_actions_addopen(
        &actions,
        number,
        vm.at("start.out"),
        O_WRONLY | O_CREAT | O_APPEND,
        0o600
      )
    }
    // A test's thread blocks SIGTERM, and a daemon that inherits that never ends.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, lockstep_SPAWN_FLAGS)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var launcher: pid_t = 0
    let environment = CStrings(["PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
    let result = posix_spawn(
      &launcher,
      Self.program,
      &actions,
      &attributes,
      &arguments,
      environment.pointer
    )
    precondition(result == 0, "monit cannot be started")
    var status: Int32 = 0
    while waitpid(launcher, &status, 0) < 0, errno == EINTR {}
    precondition(status == 0, "monit did not start: \(vm.read("start.out") ?? "")")
    Self.wait {
      self.process.flatMap { ProcessStat($0) } != nil && (!isAwaited || self.answers)
    }
  }

  /// Ends the daemon, not its services.
  func stop() {
    guard let process, process > 1 else { return }
    kill(process, SIGTERM)
    Self.wait { ProcessStat(process).map(\.isDead) ?? true }
    unlink(vm.at("monit.pid"))
  }

  private var answers: Bool {
    guard let settings = try? MonitSettings.read(vm.at("bosh/etc/monitrc")),
      case .success(let all) = SocketAddress.find(settings.endpoint, isNumeric: true),
      let address = all.first
    else { return false }
    let number = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(number) }
    return address.bytes.withUnsafeBytes {
      lockstep_connect(number, $0.baseAddress, socklen_t($0.count)) == 0
    }
  }

  /// Checks every few milliseconds until something is true; fails the test after a minute.
  static func wait(_ isSo: () -> Bool) {
    let begun = Instant.now
    while !isSo() {
      precondition(Instant.now - begun < .seconds(60), "waited for a minute in vain")
      usleep(5000)
    }
  }

  private static func freePort() throws -> UInt16 {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(number) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        precondition(bind(number, generic, length) == 0, "no free port")
        precondition(getsockname(number, generic, &length) == 0, "no free port")
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
  }
}
