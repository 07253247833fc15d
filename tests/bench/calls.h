// The API calls of the benches' traffic: what people and programs do in an account all day.
#pragma once

#include <string_view>

namespace weir::bench {

// The shapes of request parameters; {0} is replaced by something unique.
enum class Parameters {
  none,
  instances,
  bucket,
  object,
  bucket_policy,
  role,
  assume,
  key,
  filters,
  name,
  function,
  logs,
  table
};

struct Service {
  const char* name;
  Parameters parameters;
  std::string_view reads;  // event names, divided by spaces
  std::string_view writes;
};

constexpr Service kServices[] = {
    {"ec2", Parameters::filters,
     "DescribeInstances DescribeVolumes DescribeSecurityGroups DescribeSubnets DescribeVpcs "
     "DescribeSnapshots "
     "DescribeImages DescribeRouteTables DescribeAddresses DescribeNetworkInterfaces DescribeTags "
     "DescribeAvailabilityZones DescribeInstanceStatus DescribeLaunchTemplates",
     "CreateTags CreateNetworkInterface DeleteNetworkInterface AttachVolume CreateSnapshot DeleteSnapshot"},
    {"ec2", Parameters::instances, "DescribeInstanceAttribute GetConsoleOutput GetPasswordData",
     "RunInstances TerminateInstances StopInstances StartInstances RebootInstances ModifyInstanceAttribute"},
    {"s3", Parameters::bucket,
     "ListBuckets GetBucketAcl GetBucketLocation GetBucketVersioning GetBucketEncryption "
     "GetBucketPolicyStatus "
     "GetBucketPublicAccessBlock GetBucketTagging GetBucketLogging ListObjects",
     "CreateBucket DeleteBucket PutBucketTagging"},
    {"s3", Parameters::object, "GetObject HeadObject GetObjectTagging", "PutObject DeleteObject CopyObject"},
    {"s3", Parameters::bucket_policy, "", "PutBucketPolicy PutBucketReplication"},
    {"sts", Parameters::assume, "AssumeRole AssumeRoleWithWebIdentity GetCallerIdentity GetSessionToken", ""},
    {"kms", Parameters::key, "Decrypt GenerateDataKey DescribeKey ListAliases ListGrants GetKeyPolicy",
     "Encrypt CreateGrant RetireGrant"},
    {"iam", Parameters::role,
     "GetRole ListRoles GetPolicy GetPolicyVersion ListAttachedRolePolicies ListRolePolicies GetUser "
     "ListUsers "
     "ListAccessKeys GetInstanceProfile ListPolicies GetAccountSummary",
     "CreateRole DeleteRole AttachRolePolicy DetachRolePolicy TagRole UpdateAssumeRolePolicy"},
    {"lambda", Parameters::function, "GetFunction20150331v2 ListFunctions20150331 GetPolicy20150331v2 Invoke",
     "UpdateFunctionCode20150331v2 UpdateFunctionConfiguration20150331v2 PublishVersion20150331"},
    {"logs", Parameters::logs, "DescribeLogGroups DescribeLogStreams FilterLogEvents GetLogEvents",
     "CreateLogStream CreateLogGroup PutRetentionPolicy"},
    {"dynamodb", Parameters::table,
     "DescribeTable ListTables DescribeTimeToLive DescribeContinuousBackups GetItem Query",
     "UpdateTable CreateTable PutItem"},
    {"monitoring", Parameters::name, "DescribeAlarms GetMetricData ListMetrics GetMetricStatistics",
     "PutMetricAlarm"},
    {"autoscaling", Parameters::name,
     "DescribeAutoScalingGroups DescribeScalingActivities DescribeLaunchConfigurations",
     "UpdateAutoScalingGroup SetDesiredCapacity"},
    {"elasticloadbalancing", Parameters::name,
     "DescribeLoadBalancers DescribeTargetHealth DescribeTargetGroups DescribeListeners",
     "RegisterTargets DeregisterTargets"},
    {"rds", Parameters::name,
     "DescribeDBInstances DescribeDBClusters DescribeDBSnapshots ListTagsForResource",
     "CreateDBSnapshot ModifyDBInstance"},
    {"ecs", Parameters::name,
     "DescribeServices DescribeTasks ListTasks DescribeTaskDefinition DescribeClusters",
     "UpdateService RunTask RegisterTaskDefinition"},
    {"ecr", Parameters::name,
     "BatchGetImage GetDownloadUrlForLayer DescribeRepositories GetAuthorizationToken", "PutImage"},
    {"eks", Parameters::name, "DescribeCluster ListClusters DescribeNodegroup ListNodegroups",
     "UpdateNodegroupVersion"},
    {"ssm", Parameters::name, "GetParameter GetParameters DescribeInstanceInformation GetParametersByPath",
     "UpdateInstanceInformation SendCommand PutParameter"},
    {"secretsmanager", Parameters::name, "GetSecretValue DescribeSecret ListSecrets",
     "RotateSecret PutSecretValue"},
    {"cloudformation", Parameters::name,
     "DescribeStacks DescribeStackEvents ListStacks DescribeStackResources GetTemplate",
     "CreateChangeSet ExecuteChangeSet UpdateStack"},
    {"sqs", Parameters::name, "GetQueueAttributes ListQueues GetQueueUrl", "SetQueueAttributes CreateQueue"},
    {"sns", Parameters::name, "ListTopics GetTopicAttributes ListSubscriptionsByTopic",
     "Subscribe SetTopicAttributes"},
    {"cloudtrail", Parameters::none, "LookupEvents DescribeTrails GetTrailStatus GetEventSelectors", ""},
    {"config", Parameters::name, "DescribeConfigRules GetResourceConfigHistory SelectResourceConfig",
     "PutEvaluations"},
    {"route53", Parameters::name, "ListHostedZones ListResourceRecordSets GetHostedZone GetChange",
     "ChangeTagsForResource"},
    {"organizations", Parameters::none, "DescribeOrganization ListAccounts ListRoots", ""},
    {"guardduty", Parameters::name, "ListDetectors GetFindings ListFindings", "ArchiveFindings"},
};

constexpr const char* kParameters[] = {
    "null",
    R"({"instancesSet":{"items":[{"instanceId":"i-{0}"},{"instanceId":"i-0{0}"}]},"instanceType":"m6i.large","blockDeviceMapping":{},"monitoring":{"enabled":false},"disableApiTermination":false,"ebsOptimized":true,"tagSpecificationSet":{"items":[{"resourceType":"instance","tags":[{"key":"Name","value":"worker-{0}"},{"key":"team","value":"platform"}]}]}})",
    R"({"bucketName":"logs-{0}","Host":"logs-{0}.s3.us-east-1.amazonaws.com","acl":""})",
    R"({"bucketName":"data-lake-prod","Host":"data-lake-prod.s3.us-east-1.amazonaws.com","key":"events/year=2026/month=01/day=15/part-{0}.parquet","x-amz-server-side-encryption":"aws:kms"})",
    R"({"bucketName":"data-{0}","Host":"s3.amazonaws.com","policy":"","bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"AllowRead","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::data-{0}","arn:aws:s3:::data-{0}/*"],"Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}})",
    R"({"roleName":"role-{0}","path":"/service/","assumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\",\"Condition\":{\"StringEquals\":{\"aws:SourceArn\":\"arn:aws:lambda:us-east-1:111122223333:function:fn-{0}\"}}}]}"})",
    R"({"roleArn":"arn:aws:iam::111122223333:role/build-{0}","roleSessionName":"session-{0}","durationSeconds":3600,"externalId":"{0}"})",
    R"({"encryptionContext":{"aws:ebs:id":"vol-{0}"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT","keyId":"arn:aws:kms:us-east-1:111122223333:key/{0}"})",
    R"({"maxResults":1000,"filterSet":{"items":[{"name":"instance-state-name","valueSet":{"items":[{"value":"pending"},{"value":"running"}]}},{"name":"tag:aws:autoscaling:groupName","valueSet":{"items":[{"value":"workers-{0}"}]}},{"name":"vpc-id","valueSet":{"items":[{"value":"vpc-{0}"}]}}]}})",
    R"({"name":"app-{0}","maxResults":100,"includeDetails":true,"nextToken":"{0}AAAAAQ=="})",
    R"({"functionName":"arn:aws:lambda:us-east-1:111122223333:function:fn-{0}","invocationType":"Event","qualifier":"$LATEST"})",
    R"({"logGroupName":"/aws/lambda/fn-{0}","logStreamName":"2026/01/15/[$LATEST]{0}"})",
    R"({"tableName":"orders-{0}","key":{"id":"{0}"},"consistentRead":false})",
};

}  // namespace weir::bench
