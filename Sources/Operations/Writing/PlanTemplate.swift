/// Plans to start from.
package enum PlanTemplate: String, CaseIterable, Sendable {
  case minimal, bosh, rolling, backup, units

  /// What it is, for a list.
  package var summary: String {
    switch self {
    case .minimal: "one script of every release job"
    case .bosh: "what BOSH does, to change"
    case .rolling: "an upgrade of a few VMs at a time"
    case .backup: "a backup before anything stops"
    case .units: "systemd units of a machine without BOSH"
    }
  }

  /// The text of the plan.
  package func text(name: String) -> String {
    switch self {
    case .minimal:
      """
      # Runs bin/pre-start of every release job, side by side.
      plan \(name) {
        default { retry 2 backoff 1s..10s timeout 30m }

        phase pre-start { script pre-start }

        # `lockstep test` carries this out, without any machine.
        test "a pre-start that fails once is tried again" {
          release-jobs app
          when "pre-start" fails on attempt 1
          expect attempts 2 of "pre-start"
          expect exit 0
        }
      }

      """
    case .bosh:
      """
      # Brings up every VM as BOSH does, in phases that can be changed here.
      plan \(name) {
        default { retry 2 backoff 1s..10s timeout 30m }

        phase pre-start { script pre-start }

        # Nobody starts before the last pre-start of the VM has passed.
        barrier across instance

        phase start { start { timeout 5m settle 10s } }

        barrier across instance

        phase post-start { script post-start }

        # All of the deployment is up before the first post-deploy.
        barrier across deployment

        phase post-deploy { script post-deploy }

        # `lockstep test` carries this out, without any machine.
        test "nothing starts before every pre-start has passed" {
          release-jobs app, db
          when "pre-start:vm/0/db" fails
          expect blocked "start", "post-start", "post-deploy"
          expect exit 1
        }
      }

      """
    case .rolling:
      """
      # Upgrades VM after VM: one canary first, then a quarter of them at a time.
      plan \(name) {
        param batch = 25%

        # Name your own deployment jobs and their release jobs here.
        deployment-job db { release-jobs postgres }
        deployment-job web {
          release-jobs nginx, app
          instances 8
          canaries 1
          max-in-flight \\(batch)
          after db
        }

        rollout {
          include bosh-stop
          include bosh-start
          phase smoke per instance in web {
            wait tcp "127.0.0.1:8080" { every 2s timeout 1m }
          }
        }

        barrier across deployment

        phase post-deploy { script post-deploy { timeout 30m } }

        on failure { run ["/bin/echo", "the rollout of \(name) failed"] { idempotent timeout 1m } }

        # `lockstep test` carries this out, without any machine.
        test "a canary that does not answer keeps all others as they are" {
          when "smoke:web/0" fails
          expect unstarted "pre-stop:web/1/app", "stop:web/7"
          expect exit 1
        }
      }

      """
    case .backup:
      """
      # Nothing stops before every release job that has a backup script has run it.
      plan \(name) {
        phase backup { script backup { retry 2 backoff 10s..2m timeout 2h } }

        barrier across deployment

        include bosh-stop

        # `lockstep test` carries this out, without any machine.
        test "nothing stops without its backup" {
          release-jobs app, db
          when "backup:vm/0/db" fails
          expect unstarted "stop"
          expect exit 1
        }
      }

      """
    case .units:
      """
      # Migrates an application while none of its services runs.
      plan \(name) {
        default { timeout 1m }

        phase migrate per instance {
          # Name your own units here.
          stop unit nginx.service, app.service
          run "/opt/app/bin/migrate" as migrate { timeout 10m }
          start unit app.service, nginx.service { settle 10s }
          wait tcp "127.0.0.1:80" { every 2s }
        }

        # `lockstep test` carries this out, without any machine.
        test "nothing starts on data that is half migrated" {
          when "migrate" fails
          expect unstarted "start-app-nginx"
          expect exit 1
        }
      }

      """
    }
  }
}
