import asyncio, pytest
from tests.signaling.media.test_narrow import *
pytestmark=[]
async def test_it(tmp_path):
    down = Way(rate=RATE)
    async with meeting(tmp_path, Way(), down) as (room, witness):
        line=subscriber(room).screen.line
        ssrc = next(one.outlet.ssrc for one in subscriber(room)._places if one.outlet and one.codec.kind == "audio")
        for i in range(26):
            b=down.streams.copy(); await asyncio.sleep(1)
            l=down.streams[ssrc,False]-b[ssrc,False]; c=down.streams[ssrc,True]-b[ssrc,True]
            tot=sum(down.streams.values())-sum(b.values())
            print(i,'sound lost',l,'carried',c,'all pk',tot,'limit',line.limit and round(line.limit/1000),'pad',round(line.padding/1000),'pressed',line.pressed,'est',round(line._estimate/1000),'sent',[round(x/1000) for x in line._sent],'rtt',[round(x*1000) for x in list(line._round_trips)[-3:]],'shown',line.shown,'strikes',line._strikes,'ranks',subscriber(room).screen.ranks,'rates',[s.rates for s in room.node.rooms['room']._sources.values()],flush=True)
