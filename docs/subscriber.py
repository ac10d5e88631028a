"""Every fruit as it falls: python docs/subscriber.py [HOST [PORT]]"""

import json
import sys

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

client = Client(CallbackAPIVersion.VERSION2)
client.on_connect = lambda client, *_: client.subscribe("sorter/v1/+/+/tracks", qos=1)
client.on_message = lambda _, __, said: print("{track_id}: {label} to {outlet}".format(**json.loads(said.payload)))
client.connect(*sys.argv[1:2] or ["127.0.0.1"], *map(int, sys.argv[2:3]))
client.loop_forever()
