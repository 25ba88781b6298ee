package dev.usher.api.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;

/**
 * Makes a request in another version than HTTP/1.0 or 1.1 a malformed one. Vert.x would answer it
 * with 501 and ask nobody, on a silent listener too.
 */
@ChannelHandler.Sharable
final class KnownVersions extends ChannelInboundHandlerAdapter {

    private static final KnownVersions ONLY = new KnownVersions();

    private KnownVersions() {}

    /** Goes between the decoder and Vert.x's own handler, which has this name. */
    static void guard(Channel channel) {
        channel.pipeline().addBefore("handler", "versions", ONLY);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request
                && request.decoderResult().isSuccess()
                && !request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && !request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            request.setDecoderResult(
                    DecoderResult.failure(
                            new IllegalArgumentException(
                                    request.protocolVersion() + " is not spoken here")));
            // The answer is to be in a version that is.
            request.setProtocolVersion(HttpVersion.HTTP_1_1);
        }
        context.fireChannelRead(message);
    }
}
