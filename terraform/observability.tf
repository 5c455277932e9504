# Where all logs go, and a page of charts. The provider has no resource for alerts: README.md says which to set by hand.

locals {
  # A row of charts for each service.
  chart_rows = [
    {
      labels = { service = "message-queue", queue = "pisar-*" }
      charts = [
        { id = "age", title = "Oldest message, s", metric = "queue.messages.oldest_age_milliseconds" }, # in seconds, whatever its name says
        { id = "waiting", title = "Messages that wait", metric = "queue.messages.stored_count" },
        { id = "taken", title = "Messages in flight", metric = "queue.messages.inflight_count" },
      ]
    },
    {
      labels = { service = "serverless-containers", container = yandex_serverless_container.transcriber.name }
      charts = [
        { id = "seconds", title = "Transcriber: time of a call, ms", metric = "serverless.containers.execution_time_milliseconds" },
        { id = "running", title = "Transcriber: calls at once", metric = "serverless.containers.inflight" },
        { id = "errors", title = "Transcriber: errors per second", metric = "serverless.containers.errors_per_second" },
      ]
    },
    {
      labels = { service = "serverless-functions", trigger = "*" }
      charts = [
        { id = "failed", title = "Triggers: errors per second", metric = "serverless.triggers.error_per_second" },
        { id = "refused", title = "Triggers: calls without a right, per second", metric = "serverless.triggers.access_error_per_second" },
        { id = "events", title = "Triggers: events per second", metric = "serverless.triggers.read_events_per_second" },
      ]
    },
    {
      # What the transcriber tells of each recording.
      labels = { service = "custom" }
      charts = [
        { id = "cost", title = "An hour of audio, roubles of container", metric = "pisar.rub_per_audio_hour" },
        { id = "factor", title = "Engine seconds for a second of audio", metric = "pisar.real_time_factor" },
        { id = "audio", title = "Length of a recording, s", metric = "pisar.audio_seconds" },
      ]
    },
  ]
  charts = flatten([for y, row in local.chart_rows : [for x, chart in row.charts : merge(chart, {
    x     = x
    y     = y
    query = format("%q{%s}", chart.metric, join(", ", [for name, value in merge(row.labels, { folderId = var.folder_id }) : format("%s=%q", name, value)]))
  })]])
}

resource "yandex_logging_group" "pisar" {
  name             = "pisar"
  folder_id        = var.folder_id
  retention_period = "${var.log_hours}h"
}

# No lesser role lets write metrics, and there is none for a part of a folder.
resource "yandex_resourcemanager_folder_iam_member" "meter" {
  folder_id = var.folder_id
  role      = "monitoring.editor"
  member    = local.members["transcriber"]
}

resource "yandex_monitoring_dashboard" "pisar" {
  name      = "pisar"
  title     = "Pisar"
  folder_id = var.folder_id

  dynamic "widgets" {
    for_each = local.charts

    content {
      position {
        x = widgets.value.x * 12
        y = widgets.value.y * 8
        w = 12
        h = 8
      }

      chart {
        chart_id       = widgets.value.id
        title          = widgets.value.title
        display_legend = true

        queries {
          target {
            query     = widgets.value.query
            text_mode = true
          }

          downsampling {
            max_points = 300
          }
        }

        visualization_settings {
          type = "VISUALIZATION_TYPE_LINE"
        }
      }
    }
  }
}
