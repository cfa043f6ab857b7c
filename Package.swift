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
    .executable(name: "wire-fuzz", targets: ["WireFuzz"]),
  ],
  targets: [
    .target(name: "CLinux"),
    .target(name: "CHolder"),
    .target(name: "CSpawn"),

    // Values and functions: none of these touches the operating system.
    .target(name: "Words", swiftSettings: hotSettings),
    .target(name: "Clock", dependencies: ["Words"], swiftSettings: hotSettings),
    .target(name: "PlanLanguage", dependencies: ["Words"], swiftSettings: hotSettings),
    .target(
      name: "PlanGraph",
      dependencies: ["PlanLanguage", "Words"],
      swiftSettings: hotSettings
    ),
    .target(
      name: "Execution",
      dependencies: ["PlanGraph", "PlanLanguage", "Words", "Clock"],
      swiftSettings: hotSettings
    ),
    .target(
      name: "Journal",
      dependencies: ["Execution", "PlanGraph", "PlanLanguage", "Words", "Clock"],
      swiftSettings: hotSettings
    ),
    .target(
      name: "Analysis",
      dependencies: ["Journal", "Execution", "PlanGraph", "PlanLanguage", "Words", "Clock"],
      swiftSettings: hotSettings
    ),
    .target(
      name: "Wire",
      dependencies: ["Execution", "PlanGraph", "PlanLanguage", "Words"],
      swiftSettings: hotSettings
    ),
    .target(
      name: "Reports",
      dependencies: [
        "Analysis", "Journal", "Execution", "PlanGraph", "PlanLanguage", "Words", "Clock",
      ],
      resources: [
        .embedInCode("Pictures/HTML/page.css"), .embedInCode("Pictures/HTML/page.js"),
      ],
      swiftSettings: settings
    ),

    // What touches it.
    .target(
      name: "System",
      dependencies: ["Words", "Clock", "CLinux", "CHolder", "CSpawn"],
      swiftSettings: settings
    ),
    .target(
      name: "VM",
      dependencies: ["System", "PlanGraph", "PlanLanguage", "Words", "Clock", "CLinux"],
      swiftSettings: settings
    ),
    .target(
      name: "Machine",
      dependencies: [
        "VM", "System", "Journal", "Execution", "PlanGraph", "PlanLanguage", "Words", "Clock",
        "CLinux", "CHolder",
      ],
      swiftSettings: settings
    ),
    .target(
      name: "Fleet",
      dependencies: [
        "VM", "System", "Wire", "Execution", "PlanGraph", "PlanLanguage", "Words", "Clock",
        "CLinux",
      ],
      swiftSettings: settings
    ),
    .target(
      name: "FarEnd",
      dependencies: [
        "Wire", "Machine", "VM", "System", "Execution", "PlanGraph", "PlanLanguage", "Words",
        "Clock",
      ],
      swiftSettings: settings
    ),
    .target(
      name: "Templates",
      dependencies: ["VM", "System", "PlanGraph", "PlanLanguage", "Words", "Clock", "CLinux"],
      resources: [
        .embedInCode("Ruby/prelude.rb"),
        .embedInCode("Ruby/context.rb"),
        .embedInCode("Ruby/files.rb"),
        .embedInCode("Ruby/job.rb"),
        .embedInCode("Ruby/template.rb"),
        .embedInCode("Ruby/main.rb"),
      ],
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
    // What people ask for, without a terminal and without a command line.
    .target(
      name: "Operations",
      dependencies: [
        "BundledPlans", "Templates", "Fleet", "Wire", "Machine", "VM", "System", "Reports",
        "Analysis", "Journal", "Execution", "PlanGraph", "PlanLanguage", "Words", "Clock",
      ],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "lockstep",
      dependencies: [
        "FarEnd", "Operations", "BundledPlans", "Templates", "Fleet", "Wire", "Machine", "VM",
        "System", "Reports", "Analysis", "Journal", "Execution", "PlanGraph", "PlanLanguage",
        "Words", "CHolder",
      ],
      swiftSettings: settings
    ),
    .target(
      name: "TestSupport",
      dependencies: [
        "Analysis", "Journal", "Execution", "PlanGraph", "PlanLanguage", "Words", "Clock",
      ],
      path: "Tests/Support",
      swiftSettings: hotSettings
    ),
    .testTarget(
      name: "PlanGraphTests",
      dependencies: ["PlanGraph", "PlanLanguage", "Words", "TestSupport"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ExecutionTests",
      dependencies: [
        "Analysis", "Journal", "Execution", "PlanGraph", "PlanLanguage", "Words", "Clock",
        "TestSupport",
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ReportsTests",
      dependencies: [
        "Reports", "Analysis", "Journal", "Execution", "PlanGraph", "PlanLanguage", "Words",
        "Clock",
        "TestSupport",
      ],
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
    .target(name: "FuzzMain"),
    .executableTarget(
      name: "PlanFuzz",
      dependencies: ["PlanGraph", "PlanLanguage", "Words", "FuzzMain"],
      swiftSettings: settings
    ),
    // The same for the messages between machines: --product wire-fuzz.
    .target(
      name: "WireChecks",
      dependencies: ["Wire", "PlanGraph", "Words"],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "WireFuzz",
      dependencies: ["WireChecks", "FuzzMain"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "PlanLanguageTests",
      dependencies: ["PlanGraph", "PlanLanguage", "Words", "TestSupport"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "MachineTests",
      dependencies: [
        "lockstep", "Machine", "Templates", "VM", "System", "Journal", "Execution", "PlanGraph",
        "PlanLanguage", "Words", "Clock", "CLinux", "CHolder", "TestSupport",
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "OperationsTests",
      dependencies: [
        "Operations", "Reports", "Machine", "VM", "Analysis", "Journal", "Execution", "PlanGraph",
        "TestSupport",
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "WireTests",
      dependencies: [
        "WireChecks", "Wire", "VM", "BundledPlans", "Execution", "PlanGraph", "PlanLanguage",
        "Words",
        "TestSupport",
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "FleetTests",
      dependencies: ["Fleet", "PlanLanguage", "Words", "TestSupport"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "DocsTests",
      dependencies: [
        "lockstep", "BundledPlans", "PlanGraph", "PlanLanguage", "Words", "TestSupport",
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "lockstep", "Wire", "Analysis", "Journal", "Execution", "PlanGraph", "PlanLanguage",
        "Words", "Clock", "CLinux", "TestSupport",
      ],
      swiftSettings: settings
    ),
  ]
)
