// A build without tests compiles this target as well, but has no Testing.
#if canImport(Testing)
  import Dispatch
  import Synchronization
  package import Testing

  /// Threads for tests that mostly wait, for processes, a supervisor's next cycle or a boot.
  ///
  /// Swift runs tests on as many threads as there are cores. A test that waits blocks one of them,
  /// and two such tests at a time leave most of the machine idle.
  package final class WaitingThreads: TaskExecutor {
    fileprivate static let shared = WaitingThreads(count: 8)

    private struct State {
      var jobs: [UnownedJob] = []
      /// Each has a thread of its own while it works.
      var idle: [DispatchQueue]
    }

    private let state: Mutex<State>

    private init(count: Int) {
      state = Mutex(State(idle: (0..<count).map { DispatchQueue(label: "waiting test \($0)") }))
    }

    package func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      let idle = state.withLock { state in
        state.jobs.append(job)
        return state.idle.popLast()
      }
      guard let idle else { return }
      idle.async { self.work(as: idle) }
    }

    /// The newest first, so that what has begun ends before anything else begins.
    ///
    /// Otherwise a serialized suite would queue behind all others for each of its tests.
    private func work(as queue: DispatchQueue) {
      while let job = next(of: queue) { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    private func next(of queue: DispatchQueue) -> UnownedJob? {
      state.withLock { state in
        if let job = state.jobs.popLast() { return job }
        state.idle.append(queue)
        return nil
      }
    }
  }

  /// Runs tests on the threads for tests that mostly wait.
  package struct WaitingTrait: TestTrait, SuiteTrait, TestScoping {
    package let isRecursive = true

    package func provideScope(
      for test: Test,
      testCase: Test.Case?,
      performing function: @Sendable () async throws -> Void
    ) async throws {
      try await withTaskExecutorPreference(WaitingThreads.shared) { try await function() }
    }
  }

  extension Trait where Self == WaitingTrait {
    /// The tests mostly wait, so many of them can run side by side.
    package static var waits: Self { WaitingTrait() }
  }
#endif
