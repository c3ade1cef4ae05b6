import { type Advice, type Kind, type Meaning, WEIGHT, words } from './meaning.ts';
import { KAFKA_NAMES } from './vendor-codes.ts';

const named = (kind: Kind, advice: Advice, list: string, weight: number = WEIGHT.className) =>
  words(list, { kind, advice, weight }).map(([name, meaning]) => [classKey(name), meaning] as const);

/** Ends that class names carry without meaning: `ConnectTimeoutException`, `ConnectTimeoutError`, `ConnectTimeout`. */
const ENDINGS = ['exception', 'error', 'err'];

/** The key under which a class is listed: lower-case, without its package, underscores and ending. */
export function classKey(name: string): string {
  const lower = name
    .slice(name.lastIndexOf('.') + 1)
    .replaceAll('_', '')
    .toLowerCase();
  const ending = ENDINGS.find((end) => lower.endsWith(end) && lower.length > end.length);
  return ending ? lower.slice(0, -ending.length) : lower;
}

/**
 * Exception classes of Python, Java, .NET, Node, PHP, Ruby and of cloud SDKs (which use class names as error
 * codes), each without its ending.
 */
export const EXCEPTION_CLASSES: ReadonlyMap<string, Meaning> = new Map([
  ...named(
    'network',
    'connection',
    `ConnectionRefused ConnectionReset ConnectionAborted BrokenPipe NewConnection ConnectError NoRouteToHost
     PortUnreachable RemoteDisconnected IncompleteRead ProtocolError ServerDisconnected ClientConnector
     ClientConnection ClientPayload ChunkedEncoding RemoteProtocol LocalProtocolClosed HttpHostConnect
     NoHttpResponse AMQPConnection StreamLost MongoNetwork AutoReconnect ServerSelectionTimeout
     NoBrokersAvailable EndpointConnection ConnectionClosed ClosedChannel SocketClosedUnexpectedly Proxy
     ConnectionDoesNotExist CannotConnectNow CommunicationsLink Communications InterfaceConnection
     WebDriverSessionLost NoNodesAvailable TransportClosed AMQPConnectionClosed ResourceAccess GoneAway ResponseContentLengthMismatch Disconnect`,
  ),
  ...named(
    'network',
    'connection',
    'Connection Connect Socket Network Transport URL Interrupted EOFIO WebSocket Fetch',
    WEIGHT.vague,
  ),
  ...named(
    'network',
    'timeout',
    `ConnectTimeout ReadTimeout WriteTimeout SocketTimeout ConnectionTimeout HttpTimeout RequestTimeout
     SocketRead ServerTimeout KafkaTimeout NavigationTimeout HeadersTimeout BodyTimeout NetTimeout
     APITimeout APIConnection ConnectionTimedOut HttpRequestTimeout ReadTimeoutError`,
  ),
  ...named(
    'network',
    'timeout',
    'Timeout TimedOut PoolTimeout TaskCanceled HttpConnectTimeout',
    WEIGHT.vague,
  ),
  ...named('network', 'dns', 'UnknownHost NameResolution gaierror herror HostNotFound ServerNotFound'),
  ...named('network', 'tls', 'SSLEOF SSLZeroReturn SSLWantRead SSLSyscall'),
  ...named(
    'system',
    'memory',
    'Memory OutOfMemory NoMemory InsufficientMemory ArrayMemory OOM JavaHeapSpace',
  ),
  ...named('system', 'disk', 'DiskFull FileSystemFull'),
  ...named('system', 'local-rights', 'AccessDeniedIO UnauthorizedAccess'),
  ...named('system', 'local-rights', 'Permission', WEIGHT.vague),
  ...named(
    'system',
    'process',
    'BlockingIO ChildProcess SpawnE WorkerLost ProcessKilled BrokenProcessPool TooManyOpenFiles',
  ),
  ...named(
    'system',
    'files',
    'FileNotFound NoSuchFile DirectoryNotFound IsADirectory NotADirectory FileExists FileSystem FileAlreadyExists DirectoryNotEmpty',
    WEIGHT.vague,
  ),
  ...named(
    'temporary',
    'rate',
    `RateLimit Throttling Throttled RequestLimitExceeded SlowDown TooManyRequests ProvisionedThroughputExceeded
     RequestThrottled ThrottlingQuotaExceeded RateExceeded LimitExceededRate FlowControl RequestRateTooLarge
     TooManyRequestsHttp OverQueryLimit UserRateLimitExceeded CallLimitReached FlowLimit QpsLimit`,
  ),
  ...named(
    'temporary',
    'busy',
    `ServiceUnavailable Unavailable Overloaded ServerOverloaded ServerBusy Busy BadGateway GatewayTimeout
     TransientError ServiceUnavailableHttp TooManyConnections ServerIsBusy RejectedExecution EsRejectedExecution
     ClusterBlock NotMaster NotLeader MaintenanceMode CircuitBreaking BusyLoading ClusterDown TryAgain
     HttpServerErrorServiceUnavailable backendError BrokenCircuit CallNotPermitted CircuitBreakerOpen QueueFull`,
  ),
  ...named('temporary', 'busy', 'InternalServer HttpServer', WEIGHT.faint),
  ...named(
    'temporary',
    'lock',
    `DeadlockDetected Deadlock DeadlockLoserDataAccess LockAcquisition LockTimeout LockNotAvailable
     SerializationFailure QueryCanceled CannotAcquireLock PessimisticLocking OptimisticLocking Lock
     StaleObjectState ObjectOptimisticLockingFailure QueryTimeout LockWaitTimeout TransactionConflict
     ConditionalCheckConflict WriteConflict CannotSerializeTransaction`,
  ),
  ...named(
    'data',
    'constraint',
    `UniqueViolation NotNullViolation ForeignKeyViolation CheckViolation DuplicateKey Integrity
     IntegrityConstraintViolation SQLIntegrityConstraintViolation ConstraintViolation DataIntegrityViolation
     StringDataRightTruncation NumericValueOutOfRange MysqlDataTruncation DataTruncation BulkWrite`,
  ),
  ...named(
    'data',
    'format',
    `JSONDecode Json JsonParse JsonMapping JsonSyntax JsonReader MalformedJson UnrecognizedProperty InvalidFormat
     MismatchedInput UnicodeDecode UnicodeEncode UnicodeTranslate NumberFormat DateTimeParse Validation
     MethodArgumentNotValid MethodArgumentTypeMismatch MissingServletRequestParameter HttpMessageNotReadable
     ParseError ParserError Parser Parse Yaml Scanner XMLSyntax SAXParse ExpatError TOMLDecode Marshal
     InvalidCastFormat DecimalInvalidOperation ConversionSyntax InvalidOperationDecimal Decoding Decode
     UnmarshalType MalformedURL InvalidURL URISyntax MissingSchema InvalidSchema ZodError Zod SchemaValidation
     InvalidTextRepresentation DataErr InvalidDatetimeFormat BSON CastError Cast Format PatternSyntax Assertion_
     EmptyData Unpickling RegExpMatch InvalidParameterValue InvalidArgument IllegalArgument BadFormat UnsupportedMediaType csv struct binascii`,
    WEIGHT.className - 10,
  ),
  ...named(
    'data',
    'damaged',
    `BadZipFile BadGzipFile UnidentifiedImage ZipError Zlib LZMA CorruptData Corrupt ChecksumMismatch PdfRead
     InvalidPDF EOFException ContentDecoding InvalidImage TarRead TarReadError DataLoss StreamCorrupted ZipException
     PdfStream PDFSyntax ImageFormat BadImageFormat TruncatedFile`,
  ),
  ...named(
    'data',
    'format',
    'Syntax Value Key Index Type Attribute ZeroDivision Arithmetic ArithmeticOverflow ClassCast NullPointer IndexOutOfBounds ArrayIndexOutOfBounds StringIndexOutOfBounds InvalidCast NullReference ArgumentOutOfRange Argument ArgumentNull NoSuchElement Range Overflow Unmarshal Data EOF Deserialization Serialization',
    WEIGHT.faint,
  ),
  ...named(
    'config',
    'credentials',
    `Authentication NoCredentials PartialCredentials InvalidAccessKeyId SignatureDoesNotMatch ExpiredToken
     InvalidClientTokenId UnrecognizedClient AuthFailure InvalidToken TokenExpired ExpiredJwt InvalidSignature
     JsonWebToken SMTPAuthentication InvalidPassword InvalidAuthorizationSpecification BadCredentials
     InvalidCredentials CredentialsProvider CredentialRetrieval Unauthenticated Unauthorized NotAuthenticated
     LoginFailed AuthenticationFailed TokenRefresh Refresh InvalidGrant InvalidClient ExpiredSignature
     RequestTimeTooSkewed InvalidAPIKey InvalidKey IncompleteSignature MissingAuthenticationToken ProxyAuthentication
     AADSTS AuthenticationRequired IncorrectSignature`,
  ),
  ...named(
    'config',
    'remote-rights',
    `AccessDenied PermissionDenied InsufficientPrivilege Forbidden UnauthorizedOperation InsufficientScope
     InsufficientPermissions TopicAuthorization GroupAuthorization ClusterAuthorization AuthorizationFailed
     NotAuthorized AuthorizationDenied AuthorizationPermissionMismatch`,
  ),
  ...named(
    'config',
    'certificate',
    'SSLCertVerification SSLHandshake CertPathValidator SunCertPathBuilder CertificateExpired CertificateVerify SSLPeerUnverified InvalidCertificate CertPathBuilder CertificateNotYetValid',
  ),
  ...named(
    'config',
    'missing-part',
    `ModuleNotFound Import ClassNotFound NoClassDefFound NoSuchMethod UnsatisfiedLink UndefinedTable UndefinedColumn
     UndefinedFunction InvalidCatalogName NoSuchTable TableDoesNotExist TemplateNotFound TemplateDoesNotExist Load
     UnsupportedClassVersion BadSqlGrammar SQLSyntaxError SQLSyntax NoSuchDriver DllNotFound IndexNotFound
     MissingDependency UnknownTopicOrPartition DriverNotFound EntryPointNotFound`,
  ),
  ...named(
    'config',
    'settings',
    `ImproperlyConfigured Configuration Config NoRegion BeanCreation NoSuchBeanDefinition UnsatisfiedDependency
     MissingEnvironment InvalidRegion TooManyRedirects RedirectLoop CircularRedirect InvalidProxyURL NotImplemented
     UnsupportedOperation Options ConfigParser NoSectionError NoOptionError NoSection NoOption Usage InvalidConfiguration`,
    WEIGHT.className - 10,
  ),
  ...named(
    'business',
    'not-found',
    `NoSuchBucket NoSuchKey NoSuchUpload ResourceNotFound NotFound ObjectDoesNotExist DoesNotExist EntityNotFound
     RecordNotFound ModelNotFound NoResultFound EmptyResultDataAccess OrderNotFound UserNotFound TradeNotExist
     OrderNotExist NotFoundHttp NoRecordFound ResourceDoesNotExist QueueDoesNotExist UnknownShipment NoShipments`,
    WEIGHT.fitting,
  ),
  ...named(
    'business',
    'already',
    'AlreadyExists ResourceAlreadyExists BucketAlreadyExists BucketAlreadyOwnedByYou EntityAlreadyExists TradeHasSuccess OrderPaid OrderClosed TradeHasClose TradeHasFinished ResourceInUse',
    WEIGHT.fitting,
  ),
  ...named(
    'business',
    'quota',
    'QuotaExceeded InsufficientQuota ServiceQuotaExceeded LimitExceeded DailyLimitExceeded QuotaFull',
    WEIGHT.fitting,
  ),
  ...named(
    'business',
    'funds',
    'Card CardDeclined InsufficientFunds BalanceNotEnough NotEnough PaymentRequired InsufficientBalance Notenough',
    WEIGHT.fitting,
  ),
  ...named('business', 'region', 'GeoRestricted', WEIGHT.className),
  ...named('business', 'unsupported', 'UnsupportedURL UnsupportedCarrier UnsupportedCourier', WEIGHT.fitting),
  ...named('network', 'connection', KAFKA_NAMES.network),
  ...named('temporary', 'busy', KAFKA_NAMES.temporary),
  ...named('data', 'format', KAFKA_NAMES.data),
  ...named('config', 'remote-rights', KAFKA_NAMES.config),
]);
