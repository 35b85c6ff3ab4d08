"""
A BitTorrent client of the lab: python3-libtorrent with its default settings, but for TCP only and no
DHT. Reads one JSON line for what to do, adds the torrent, prints "done" and the bytes that came
twice when it has everything, and serves others until its standard input closes.

    {"torrent": path, "folder": path, "seed": bool, "superSeed": bool, "peers": ["address", …]}

"peers" are connected to at once; the others on the LAN are found by local discovery.
"""
import json
import sys
import threading

import libtorrent as lt

PORT = 6881

session = lt.session(
    {
        "listen_interfaces": "0.0.0.0:%d" % PORT,
        "enable_dht": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_lsd": True,
        "enable_incoming_utp": False,
        "enable_outgoing_utp": False,
        # All devices of a site come from one address.
        "allow_multiple_connections_per_ip": True,
        "alert_mask": lt.alert.category_t.status_notification,
    }
)
print("ready", flush=True)
task = json.loads(sys.stdin.readline())
parameters = lt.add_torrent_params()
parameters.ti = lt.torrent_info(task["torrent"])
parameters.save_path = task["folder"]
parameters.flags &= ~lt.torrent_flags.auto_managed
parameters.flags &= ~lt.torrent_flags.paused
if task["seed"]:
    parameters.flags |= lt.torrent_flags.seed_mode
if task["superSeed"]:
    parameters.flags |= lt.torrent_flags.super_seeding
handle = session.add_torrent(parameters)
for peer in task["peers"]:
    handle.connect_peer((peer, PORT))


def until_closed():
    while sys.stdin.readline():
        pass
    ended.set()


ended = threading.Event()
threading.Thread(target=until_closed, daemon=True).start()
done = False
while not ended.is_set():
    session.wait_for_alert(200)
    finished = any(isinstance(a, lt.torrent_finished_alert) for a in session.pop_alerts())
    if not done and (finished or handle.status().is_seeding):
        done = True
        status = handle.status()
        # The file is read as soon as this is told.
        handle.flush_cache()
        twice = status.total_redundant_bytes + status.total_failed_bytes
        print(json.dumps({"done": True, "twice": twice}), flush=True)
