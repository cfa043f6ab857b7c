import CLinux
import Execution
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import Testing
@testable import VM

/// Folders that are replaced by a link out of the VM's folder while they are checked and used.
@Suite(.serialized) struct SwapTests {
  /// Replaces one link with another, over and over, in a separate thread.
  ///
  /// There is a link there at every moment.
  private final class Swapper {
    /// Closed, it ends the thread.
    private let stop: Int32
    private let thread: HelperThread

    init(_ path: String, between targets: [String]) throws {
      symlink(targets[0], path)
      var ends: [Int32] = [0, 0]
      guard pipe(&ends) == 0 else { throw SystemError("pipe", number: errno) }
      stop = ends[1]
      let watched = ends[0]
      thread = try HelperThread {
        var poll = pollfd(fd: watched, events: Int16(POLLIN), revents: 0)
        var round = 0
        while Glibc.poll(&poll, 1, 0) == 0 {
          round += 1
          symlink(targets[round % targets.count], "\(path).new")
          rename("\(path).new", path)
        }
        close(watched)
      }
    }

    /// Ends the thread, and waits for it.
    func end() {
      close(stop)
      thread.join()
    }
  }

  @Test("BOSH 12, containment: a folder of logs that is swapped for a link out leads nowhere out")
  func logs() throws {
    let vm = TemporaryVM()
    let outside = TemporaryVM()
    vm.makeFolder("sys/inside")
    outside.makeFolder("trap")
    let swapper = try Swapper(
      vm.at("sys/log/a"),
      between: ["../inside", outside.at("trap"), vm.at("sys/inside")]
    )
    let store = LogStore(vm: try vm.open())
    var opened = 0
    var refused = 0
    for _ in 0..<300 {
      do {
        let pair = try store.open(folder: "a", stem: "pre-start")
        _ = write(pair.stdout.number, "x", 1)
        opened += 1
      } catch {
        refused += 1
      }
    }
    swapper.end()
    #expect(opened + refused == 300)
    #expect(try namesInFolder(outside.at("trap")).isEmpty)
    #expect(vm.read("sys/inside/pre-start.stdout.log")?.count ?? 0 == opened)
  }

  /// If somebody else can swap it, root runs nothing at all, wherever the link leads at that
  /// moment.
  @Test(
    "BOSH 12, ownership: a release job that someone swaps under root does not run",
    .enabled(if: geteuid() == 0, "needs root")
  )
  func scripts() throws {
    let vm = TemporaryVM()
    let outside = TemporaryVM()
    vm.write("data/a/bin/pre-start", "#!/bin/sh\necho ran >>'\(vm.path)/ran'\n", mode: 0o755)
    outside.write("a/bin/pre-start", "#!/bin/sh\necho ran >>'\(vm.path)/ran'\n", mode: 0o755)
    chown(vm.at("jobs"), 1234, 0)
    let swapper = try Swapper(vm.at("jobs/a"), between: ["../data/a", outside.at("a")])
    var plan = TestGraph(releaseJobs: ["a"])
    let nodes = (0..<200).map { _ in plan.add(.script("pre-start"), on: "a") }
    let run = FlatRun(nodes)
    defer { swapper.end() }
    // Opening the VM's folder may itself find the link leading out.
    for _ in 0..<100_000 {
      guard let open = try? vm.open() else {
        // The other thread may be waiting for a processor.
        sched_yield()
        continue
      }
      try LiveMachine(graph: plan.graph, vms: [plan.instance: open], supervisor: .ctl).drive(run)
      break
    }
    #expect(run.results.count == nodes.count)
    for node in nodes {
      guard case .failed = run.results[node] else {
        Issue.record("\(String(describing: run.results[node]))")
        break
      }
    }
    #expect(vm.read("ran") == nil)
  }
}
