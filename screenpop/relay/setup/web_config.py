"""The web server in front of a relay, by a Caddyfile; it fetches its certificate.

It looks after the relays' health actively. By the other way, counting failures, one
request that is too long for a relay would mark all of them as dead.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_TEMPLATE: Final = """\
# The only part of a team's relay that the internet reaches.
# Checked with: caddy validate --config Caddyfile --adapter caddyfile
{
	# Addresses of webhooks hold their secret: neither they nor headers are logged.
	log {
		output stderr
		format filter {
			wrap json
			fields {
				request>uri delete
				request>headers delete
			}
		}
	}
	servers {
		timeouts {
			read_header 10s
			read_body 20s
		}
	}
}

@SITE@ {
	# Desktops: WebSockets, straight to the broker.
	handle @NATS@ {
		reverse_proxy 127.0.0.1:@WEB_PORT@
	}

	# Vendors and joining computers: whichever relay is well.
	@relay path /hooks/* /enrol /enrol/* /healthz
	handle @relay {
		reverse_proxy @RELAYS@ {
			lb_policy first
			# Whoever cannot be connected to at all is passed over at once.
			lb_try_duration 5s
			lb_try_interval 100ms
			health_uri /healthz
			health_interval 1s
			health_timeout 2s
			transport http {
				dial_timeout 1s
			}
		}
	}

	handle {
		respond 404
	}
}
"""


def caddyfile(
    public_url: str,
    desktop_path: str,
    web_port: int,
    relay_ports: tuple[int, ...],
) -> str:
    """The text of the Caddyfile.

    Args:
        public_url: What vendors and desktops call.
        desktop_path: Where desktops' WebSockets come in.
        web_port: The broker's own port for them.
        relay_ports: The relays', the one to be preferred first.
    """
    parts = urlsplit(public_url)
    site = f"{parts.scheme}://{parts.netloc}"
    text = _TEMPLATE
    for mark, value in {
        "@SITE@": site,
        "@NATS@": f"{desktop_path}*",
        "@WEB_PORT@": str(web_port),
        "@RELAYS@": " ".join(f"127.0.0.1:{port}" for port in relay_ports),
    }.items():
        text = text.replace(mark, value)
    return text
