// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Optimized in debug builds as well: the tests put these through a hundred thousand runs and texts.
let hotSettings = settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
  name: "lockstep",
  products: [
    .executable(name: "lockstep", targets: ["lockstep"]),
    .executable(name: "plan-fuzz", targets: ["PlanFuzz"]),
  ],
  targets: [
    .target(name: "PlanLanguage", swiftSettings: hotSettings),
    .target(name: "PlanGraph", dependencies: ["PlanLanguage"], swiftSettings: hotSettings),
    .target(name: "Execution", dependencies: ["PlanGraph"], swiftSettings: hotSettings),
    .target(name: "CLinux"),
    .target(name: "CHolder"),
    .target(name: "CSpawn"),
    .target(
      name: "Machine",
      dependencies: ["Execution", "PlanGraph", "PlanLanguage", "CLinux", "CHolder", "CSpawn"],
      resources: [
        .embedInCode("Templates/Ruby/prelude.rb"),
        .embedInCode("Templates/Ruby/context.rb"),
        .embedInCode("Templates/Ruby/files.rb"),
        .embedInCode("Templates/Ruby/job.rb"),
        .embedInCode("Templates/Ruby/template.rb"),
        .embedInCode("Templates/Ruby/main.rb"),
      ],
      swiftSettings: settings
    ),
    .target(
      name: "Reports",
      dependencies: ["Execution", "PlanGraph", "PlanLanguage"],
      resources: [.embedInCode("HTML/page.css"), .embedInCode("HTML/page.js")],
      swiftSettings: settings
    ),
    .target(
      name: "BundledPlans",
      exclude: ["Plans/quickstart", "Plans/quickstart.plan"],
      resources: [
        .embedInCode("Plans/bosh-deploy.plan"),
        .embedInCode("Plans/bosh-errand.plan"),
        .embedInCode("Plans/bosh-restart.plan"),
        .embedInCode("Plans/bosh-start.plan"),
        .embedInCode("Plans/bosh-stop.plan"),
      ],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "lockstep",
      dependencies: [
        "PlanLanguage", "PlanGraph", "Execution", "Machine", "Reports", "BundledPlans",
        "CHolder",
      ],
      swiftSettings: settings
    ),
    .target(
      name: "TestSupport",
      dependencies: ["Execution", "PlanGraph", "PlanLanguage"],
      path: "Tests/Support",
      swiftSettings: hotSettings
    ),
    .testTarget(
      name: "PlanGraphTests",
      dependencies: ["PlanGraph", "PlanLanguage", "TestSupport"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ExecutionTests",
      dependencies: ["Execution", "PlanGraph", "PlanLanguage", "TestSupport"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ReportsTests",
      dependencies: ["Reports", "Execution", "PlanGraph", "PlanLanguage", "TestSupport"],
      swiftSettings: settings
    ),
    .target(name: "BareLoop"),
    .executableTarget(
      name: "lockstep-bench",
      dependencies: ["BareLoop"],
      path: "Sources/Benchmarks",
      swiftSettings: settings
    ),
    .testTarget(
      name: "BundledPlansTests",
      dependencies: ["BundledPlans"],
      swiftSettings: settings
    ),
    // swift build -c release --sanitize=fuzzer --product plan-fuzz; see Tests/Fuzz. Built without the
    // fuzzer it checks the files that it is given.
    .target(name: "PlanFuzzMain"),
    .executableTarget(
      name: "PlanFuzz",
      dependencies: ["PlanGraph", "PlanLanguage", "PlanFuzzMain"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "PlanLanguageTests",
      dependencies: ["PlanGraph", "PlanLanguage", "TestSupport"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "MachineTests",
      dependencies: [
        "lockstep", "Machine", "Execution", "PlanGraph", "PlanLanguage", "CLinux", "CHolder",
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "DocsTests",
      dependencies: ["lockstep", "BundledPlans", "PlanGraph", "PlanLanguage"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["lockstep", "Execution", "PlanGraph", "PlanLanguage", "CLinux"],
      swiftSettings: settings
    ),
  ]
)
