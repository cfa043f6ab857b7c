import CLinux
import Glibc
import System

/// Reaps children of the test process that nothing waits for.
///
/// Some tests leave a machine with running children, like a command that is about to exit. The dead
/// child then stays a zombie. Swift Testing looks for the ends of its exit tests among all
/// children, and would find that zombie over and over instead.
enum StrayChildren {
  /// Starts the thread that reaps, once; not in the process of an exit test, which this one started.
  static let reaper: Void = {
    if name(of: getppid()) == name(of: getpid()) { return }
    // Signals to the process are for the threads of the tests.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let thread = UnsafeMutablePointer<pthread_t>.allocate(capacity: 1)
    pthread_create(
      thread,
      nil,
      { _ in
        var seen: [Int32: Int] = [:]
        while true {
          sleep(1)
          StrayChildren.reap(&seen)
        }
      },
      nil
    )
  }()

  private static func name(of process: Int32) -> [UInt8]? {
    try? firstBytes(of: "/proc/\(process)/comm", limit: 64)
  }

  /// A child that is being awaited does not stay dead for so many seconds.
  private static let patience = 5

  /// Counts in how many calls each zombie was seen, and reaps those that nothing has awaited.
  private static func reap(_ seen: inout [Int32: Int]) {
    let own = name(of: getpid())
    var now: [Int32: Int] = [:]
    for stat in ProcessStat.all() where stat.parent == getpid() && stat.isDead {
      // Exit tests are this same program.
      if name(of: stat.process) == own { continue }
      let count = (seen[stat.process] ?? 0) + 1
      if count > patience {
        waitpid(stat.process, nil, WNOHANG)
      } else {
        now[stat.process] = count
      }
    }
    seen = now
  }
}
